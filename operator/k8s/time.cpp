#include "operator/k8s/time.hpp"

#include <time.h>

#include <array>
#include <cstdio>

namespace promptsales::k8s {
namespace {

std::string date_and_time(std::chrono::system_clock::time_point when) {
  const time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(when));
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return {text.data(), size};
}

}  // namespace

std::string time_text(std::chrono::system_clock::time_point when) { return date_and_time(when) + "Z"; }

std::string micro_time(std::chrono::system_clock::time_point when) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                          when - std::chrono::floor<std::chrono::seconds>(when))
                          .count();
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(micros));
  return date_and_time(when) + fraction.data();
}

std::optional<std::chrono::system_clock::time_point> parse_time(const std::string& text) {
  tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (!rest || !text.ends_with('Z')) return std::nullopt;
  if (*rest == '.')
    rest = text.c_str() +
           text.find_first_not_of("0123456789", static_cast<std::size_t>(rest - text.c_str()) + 1);
  if (std::string_view{rest} != "Z") return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace promptsales::k8s
