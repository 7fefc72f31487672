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

}  // namespace promptsales::k8s
