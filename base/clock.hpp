#pragma once

#include <chrono>

namespace promptsales {

/// Where all code reads the time; nothing else calls a clock. Tests pass one that moves when told.
///
/// Threads  every member may be called from any thread.
class Clock {
 public:
  /// Time since boot, suspend included: the only clock that deadlines and leases may use.
  using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
  using WallTime = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The machine's clocks: CLOCK_BOOTTIME, which goes on counting while a virtual machine is suspended (a lease
/// that ended meanwhile must be seen as ended), and the wall clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall() const override;
};

}  // namespace promptsales
