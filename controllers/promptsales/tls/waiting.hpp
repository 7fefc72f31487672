#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace promptsales::controllers::tls {

/// A machine may sleep and clocks be set: no time is trusted for longer than this.
inline constexpr std::chrono::hours kLongestWait{12};

/// How long until an object of others is asked for again that could not be read: neither that the server answers again
/// nor that a permission is granted is an event.
inline constexpr std::chrono::seconds kAskedAgain{5};

/// A wait as a pass keeps it: from one second to kLongestWait.
[[nodiscard]] inline std::chrono::milliseconds bounded(std::chrono::milliseconds wait) {
  return std::clamp<std::chrono::milliseconds>(wait, std::chrono::seconds{1}, kLongestWait);
}

/// The wait for a time, bounded.
[[nodiscard]] inline std::chrono::milliseconds until(Clock::WallTime when, Clock::WallTime now) {
  return bounded(std::chrono::ceil<std::chrono::milliseconds>(when - now));
}

}  // namespace promptsales::controllers::tls
