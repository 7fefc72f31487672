#include "operator/k8s/json_scanner.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace promptsales::k8s {
namespace {

/// Bytes of a string that stand for themselves: no quote, no backslash, no control character, ASCII.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

void append_utf8(std::string& into, unsigned code) {
  const auto add = [&](unsigned byte) { into += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0U | code >> 6U);
  } else {
    if (code < 0x10000) {
      add(0xE0U | code >> 12U);
    } else {
      add(0xF0U | code >> 18U);
      add(0x80U | (code >> 12U & 0x3FU));
    }
    add(0x80U | (code >> 6U & 0x3FU));
  }
  add(0x80U | (code & 0x3FU));
}

class Scanner {
 public:
  Scanner(std::string_view text, JsonReceiver& receiver)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), receiver_(receiver) {}

  std::optional<std::size_t> document() {
    if (value()) skip_blanks();
    if (!failed_ && at_ == end_) return std::nullopt;
    return static_cast<std::size_t>(at_ - begin_);
  }

 private:
  bool fail() {
    failed_ = true;
    return false;
  }
  bool told(bool goes_on) { return goes_on || fail(); }
  [[nodiscard]] bool sees(char c) const { return at_ != end_ && *at_ == c; }
  bool take(char c) {
    if (!sees(c)) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool value() {
    skip_blanks();
    if (at_ == end_) return fail();
    switch (*at_) {
      case '{':
        return receiver_.wants_container() ? object() : pass_over();
      case '[':
        return receiver_.wants_container() ? array() : pass_over();
      case '"':
        return text() && told(receiver_.string(text_));
      case 't':
        return literal("true") && told(receiver_.boolean(true));
      case 'f':
        return literal("false") && told(receiver_.boolean(false));
      case 'n':
        return literal("null") && told(receiver_.null());
      default:
        return number();
    }
  }

  bool object() {
    if (!told(receiver_.open(/*is_array=*/false))) return false;
    ++at_;
    skip_blanks();
    if (take('}')) return told(receiver_.close());
    for (;;) {
      skip_blanks();
      if (!text() || !told(receiver_.key(text_))) return false;
      skip_blanks();
      if (!take(':')) return fail();
      if (!value()) return false;
      skip_blanks();
      if (take('}')) return told(receiver_.close());
      if (!take(',')) return fail();
    }
  }

  bool array() {
    if (!told(receiver_.open(/*is_array=*/true))) return false;
    ++at_;
    skip_blanks();
    if (take(']')) return told(receiver_.close());
    for (;;) {
      if (!value()) return false;
      skip_blanks();
      if (take(']')) return told(receiver_.close());
      if (!take(',')) return fail();
    }
  }

  bool pass_over() {
    for (std::size_t depth = 0; at_ != end_;) {
      const char c = *at_++;
      if (c == '"') {
        while (at_ != end_ && *at_ != '"') at_ += *at_ == '\\' && at_ + 1 != end_ ? 2 : 1;
        if (!take('"')) return fail();
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return true;
      }
    }
    return fail();
  }

  bool literal(std::string_view word) {
    if (!std::string_view{at_, end_}.starts_with(word)) return fail();
    at_ += word.size();
    return true;
  }

  bool digits() {
    const char* first = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != first;
  }

  bool number() {
    const char* first = at_;
    take('-');
    if (!take('0') && !digits()) return fail();
    bool is_integer = true;
    if (take('.')) {
      is_integer = false;
      if (!digits()) return fail();
    }
    if (take('e') || take('E')) {
      is_integer = false;
      if (!take('+')) take('-');
      if (!digits()) return fail();
    }
    if (std::int64_t whole = 0; is_integer && std::from_chars(first, at_, whole).ec == std::errc{})
      return told(receiver_.integer(whole));
    if (std::uint64_t whole = 0; is_integer && std::from_chars(first, at_, whole).ec == std::errc{})
      return told(receiver_.integer(static_cast<std::int64_t>(whole)));
    double real = 0;
    if (std::from_chars(first, at_, real).ec != std::errc{}) {  // too large, or so small that it is 0
      real = std::strtod(std::string{first, at_}.c_str(), nullptr);
      if (std::isinf(real)) return fail();
    }
    return told(receiver_.number(real));
  }

  /// Reads a string into text_.
  bool text() {
    if (!take('"')) return fail();
    text_.clear();
    for (;;) {
      const char* first = at_;
      while (at_ != end_ && kPlain[byte_of(*at_)]) ++at_;
      text_.append(first, at_);
      if (take('"')) return true;
      const bool understood = at_ != end_ && (*at_ == '\\' ? escape() : more_than_ascii());
      if (!understood) return fail();
    }
  }

  bool escape() {
    if (++at_ == end_) return false;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char name = *at_++;
    if (name == 'u') return escaped_code();
    const auto which = kNames.find(name);
    if (which == kNames.npos) return false;
    text_ += kMeanings[which];
    return true;
  }

  bool escaped_code() {
    auto code = four_hex_digits();
    if (!code || (*code >= 0xDC00 && *code < 0xE000)) return false;
    if (*code >= 0xD800 && *code < 0xDC00) {  // the first half of a pair
      if (!take('\\') || !take('u')) return false;
      const auto low = four_hex_digits();
      if (!low || *low < 0xDC00 || *low >= 0xE000) return false;
      code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    append_utf8(text_, *code);
    return true;
  }

  std::optional<unsigned> four_hex_digits() {
    unsigned code = 0;
    if (end_ - at_ < 4) return std::nullopt;
    const auto read = std::from_chars(at_, at_ + 4, code, 16);
    if (read.ec != std::errc{} || read.ptr != at_ + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  /// One character of two to four bytes: neither longer than it need be, nor a surrogate, nor beyond U+10FFFF.
  bool more_than_ascii() {
    const unsigned lead = byte_of(*at_);
    const int rest = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || end_ - at_ <= rest) return false;
    const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte_of(at_[1]) < least || byte_of(at_[1]) > most) return false;
    for (int i = 2; i <= rest; ++i)
      if (byte_of(at_[i]) >> 6U != 2) return false;
    text_.append(at_, static_cast<std::size_t>(rest) + 1);
    at_ += rest + 1;
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  JsonReceiver& receiver_;
  std::string text_;
  bool failed_ = false;
};

}  // namespace

std::optional<std::size_t> scan_json(std::string_view text, JsonReceiver& receiver) {
  return Scanner{text, receiver}.document();
}

}  // namespace promptsales::k8s
