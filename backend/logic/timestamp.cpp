#include "backend/logic/timestamp.hpp"

#include <array>
#include <cstdio>

namespace promptsales::backend {
namespace {

using namespace std::chrono;

/// Takes what it recognizes from the front of a text; `ok` stays false after the first mismatch.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  int digits(std::size_t count) {
    if (!ok || rest.size() < count) return fail();
    int value = 0;
    for (const char c : rest.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(count);
    return value;
  }

  char one_of(std::string_view allowed) {
    if (!ok || rest.empty() || allowed.find(rest.front()) == allowed.npos) return static_cast<char>(fail());
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }

  /// ".123456789" -> 123456; absent -> 0; "." alone fails.
  microseconds fraction() {
    if (!ok || rest.empty() || rest.front() != '.') return {};
    rest.remove_prefix(1);
    int value = 0;
    std::size_t count = 0;
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1), ++count) {
      if (count < 6) value = value * 10 + (rest.front() - '0');
    }
    if (count == 0) fail();
    for (std::size_t i = count; i < 6; ++i) value *= 10;
    return microseconds{value};
  }

  minutes offset() {
    const char sign = one_of("Zz+-");
    if (!ok || sign == 'Z' || sign == 'z') return {};
    const int h = digits(2);
    one_of(":");
    const int m = digits(2);
    if (h > 23 || m > 59) fail();
    return minutes{(h * 60 + m) * (sign == '-' ? -1 : 1)};
  }

  int fail() {
    ok = false;
    return 0;
  }
};

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scan{text};
  const int y = scan.digits(4);
  scan.one_of("-");
  const int mo = scan.digits(2);
  scan.one_of("-");
  const int d = scan.digits(2);
  scan.one_of("Tt");
  const int h = scan.digits(2);
  scan.one_of(":");
  const int mi = scan.digits(2);
  scan.one_of(":");
  const int s = scan.digits(2);
  const auto fraction = scan.fraction();
  const auto offset = scan.offset();
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!scan.ok || !scan.rest.empty() || y < 1 || !date.ok() || h > 23 || mi > 59 || s > 59)
    return std::nullopt;
  const Timestamp at = sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction - offset;
  const int utc_year = static_cast<int>(year_month_day{floor<days>(at)}.year());
  if (utc_year < 1 || utc_year > 9999) return std::nullopt;  // there is no way to write it
  return at;
}

std::string to_string(Timestamp at) {
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  std::array<char, 48> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace promptsales::backend
