#include "operator/k8s/quantity.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace promptsales::k8s {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kNanoPerUnit = 1'000'000'000;
constexpr Wide kMaxNano = Wide{std::numeric_limits<std::int64_t>::max()} * kNanoPerUnit;

struct Suffix {
  std::string_view text;
  int exponent;  ///< of 10 for decimal ones, of 1024 for binary ones
};
constexpr std::array<Suffix, 9> kDecimalSuffixes{
    {{"n", -9}, {"u", -6}, {"m", -3}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}}};
constexpr std::array<Suffix, 6> kBinarySuffixes{
    {{"Ki", 1}, {"Mi", 2}, {"Gi", 3}, {"Ti", 4}, {"Pi", 5}, {"Ei", 6}}};

/// "12.50" as 1250 with two fraction digits.
struct Number {
  Wide digits = 0;
  int fraction = 0;
  bool negative = false;
};

/// Digits beyond this many cannot change a value that is in range; more are refused.
constexpr int kMaxDigits = 30;

/// Takes the number off the front of `text`; nothing if there is none.
std::optional<Number> take_number(std::string_view& text) {
  Number number;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) number.negative = text[at++] == '-';
  int count = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      number.digits = number.digits * 10 + (c - '0');
      number.fraction += point ? 1 : 0;
      if (number.digits != 0 && ++count > kMaxDigits) return std::nullopt;
    } else {
      break;
    }
  }
  if (at == 0 || (text[at - 1] < '0' && text[at - 1] != '.')) return std::nullopt;
  if (point && text.substr(0, at).find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at);
  return number;
}

/// value * 10^exponent, rounded away from zero; nothing if it is out of range.
std::optional<Wide> scaled(Wide value, int exponent) {
  for (; exponent > 0 && value != 0; --exponent) {
    if (value > kMaxNano / 10) return std::nullopt;
    value *= 10;
  }
  bool rest = false;
  for (; exponent < 0 && value != 0; ++exponent) {
    rest = rest || value % 10 != 0;
    value /= 10;
  }
  return value + (rest ? 1 : 0);
}

template <std::size_t N>
const Suffix* find_suffix(const std::array<Suffix, N>& suffixes, std::string_view text) {
  for (const Suffix& suffix : suffixes) {
    if (suffix.text == text) return &suffix;
  }
  return nullptr;
}

/// No number of digits that is read makes a quantity of use beyond this power of ten.
constexpr int kMaxExponent = 99;

/// "e3", "E-6" as 3, -6; nothing if it is not of that form.
std::optional<int> decimal_exponent(std::string_view suffix) {
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix[0] == '+' && suffix.size() > 1 && suffix[1] != '-') suffix.remove_prefix(1);
  int exponent = 0;
  const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (suffix.empty() || error != std::errc{} || end != suffix.data() + suffix.size()) return std::nullopt;
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return std::nullopt;
  return exponent;
}

Failure invalid(std::string_view text, std::string_view why) {
  return failure(Remedy::kWaitForSpecChange, "InvalidQuantity",
                 "\"" + std::string{text.substr(0, 64)} + "\" " + std::string{why} +
                     "; write it like 500m, 2, 256Mi or 16Gi");
}

Wide rounded_up(Wide nano, Wide unit) {
  const Wide quotient = nano / unit;
  return quotient + (nano % unit > 0 ? 1 : 0);
}

std::string decimal_digits(Wide value) {
  std::string digits;
  for (Wide rest = value < 0 ? -value : value; rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  return (value < 0 ? "-" : "") + digits;
}

/// The value in nano units with the largest power of 1000 taken out.
std::string decimal_text(Wide nano, bool as_exponent) {
  int exponent = -9;
  for (; nano % 1000 == 0 && exponent < 18; exponent += 3) nano /= 1000;
  std::string text = decimal_digits(nano);
  if (exponent == 0) return text;
  if (as_exponent) return text + "e" + std::to_string(exponent);
  for (const Suffix& suffix : kDecimalSuffixes) {
    if (suffix.exponent == exponent) text += suffix.text;
  }
  return text;
}

std::string binary_text(Wide whole) {
  std::size_t power = 0;
  for (; whole % 1024 == 0 && power < kBinarySuffixes.size(); ++power) whole /= 1024;
  std::string text = decimal_digits(whole);
  if (power > 0) text += kBinarySuffixes[power - 1].text;
  return text;
}

}  // namespace

Result<Quantity> Quantity::parse(std::string_view text) {
  std::string_view suffix = text;
  const std::optional<Number> number = take_number(suffix);
  if (!number) return invalid(text, "is no quantity");

  Family family = Family::kDecimal;
  Wide digits = number->digits;
  int exponent = 9 - number->fraction;
  if (const Suffix* decimal = find_suffix(kDecimalSuffixes, suffix)) {
    exponent += decimal->exponent;
  } else if (const Suffix* binary = find_suffix(kBinarySuffixes, suffix)) {
    family = Family::kBinary;
    for (int i = 0; i < binary->exponent && digits != 0; ++i) {
      if (digits > std::numeric_limits<Wide>::max() / 1024) return invalid(text, "is too large");
      digits *= 1024;
    }
  } else if (const std::optional<int> power = decimal_exponent(suffix)) {
    family = Family::kExponent;
    exponent += *power;
  } else if (!suffix.empty()) {
    return invalid(text, "has an unknown suffix");
  }

  const std::optional<Wide> nano = scaled(digits, exponent);
  if (!nano || *nano > kMaxNano) return invalid(text, "is too large");
  return Quantity{number->negative ? -*nano : *nano, family};
}

std::string Quantity::text() const {
  if (nano_ == 0) return "0";
  const bool small = nano_ > -1024 * kNanoPerUnit && nano_ < 1024 * kNanoPerUnit;
  if (family_ == Family::kBinary && !small && nano_ % kNanoPerUnit == 0)
    return binary_text(nano_ / kNanoPerUnit);
  return decimal_text(nano_, family_ == Family::kExponent);
}

std::int64_t Quantity::whole() const { return static_cast<std::int64_t>(rounded_up(nano_, kNanoPerUnit)); }

std::int64_t Quantity::milli() const {
  const Wide milli = rounded_up(nano_, kNanoPerUnit / 1000);
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(milli > kMax ? kMax : milli < -kMax ? -kMax : milli);
}

std::string canonical_quantity(std::string_view text) {
  const Result<Quantity> quantity = Quantity::parse(text);
  return quantity ? quantity->text() : std::string{text};
}

}  // namespace promptsales::k8s
