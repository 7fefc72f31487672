#include "base/clock.hpp"

#include <time.h>

namespace promptsales {

Clock::Instant SystemClock::now() const {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return Instant{std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
}

Clock::WallTime SystemClock::wall() const { return std::chrono::system_clock::now(); }

}  // namespace promptsales
