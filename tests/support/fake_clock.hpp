#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace promptsales::testing {

/// A clock that moves when told.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{std::chrono::nanoseconds{now_ns_}}; }
  [[nodiscard]] WallTime wall() const override {
    return WallTime{std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds{now_ns_})};
  }
  void advance(std::chrono::nanoseconds by) { now_ns_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ns_ = 1'000'000'000'000;
};

}  // namespace promptsales::testing
