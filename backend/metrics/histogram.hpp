#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace promptsales::backend {

/// Upper bounds in seconds of the duration histograms: OpenTelemetry's advice for
/// http.server.request.duration, plus 1 and 2.5 ms, and 0.2 s, which the objective "p95 below 200 ms" is read
/// at.
inline constexpr std::array kDurationBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2,
                                            0.25,  0.5,    0.75,  1.0,  2.5,   5.0,  7.5,   10.0};

/// Durations of one kind of request on one loop. prometheus-cpp's own histogram takes a lock for each value.
///
/// Threads  add(): one thread. The rest: any; a page may show a value that is counted but not yet summed.
class Histogram {
 public:
  void add(std::chrono::nanoseconds duration);
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] double sum_seconds() const;
  /// Values at or below kDurationBounds[i] and above the bound before it; i = size: above all.
  [[nodiscard]] std::uint64_t bucket(std::size_t i) const {
    return buckets_[i].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kDurationBounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> nanoseconds_ = 0;
};

}  // namespace promptsales::backend
