#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace promptsales::runtime {

/// Bounds of a growing delay.
struct BackoffLimits {
  std::chrono::milliseconds base;
  std::chrono::milliseconds cap;
};

/// Watches and lists that failed (client-go's constants).
inline constexpr BackoffLimits kWatchBackoff{std::chrono::milliseconds{800}, std::chrono::seconds{30}};
/// Keys whose reconcile failed.
inline constexpr BackoffLimits kKeyBackoff{std::chrono::milliseconds{50}, std::chrono::minutes{5}};

/// The delay after one more failure, given the one before it (zero for the first): "decorrelated jitter",
/// drawn from [base, 3 x previous], so that many keys failing for one reason spread out.
///
/// Units    always within [limits.base, limits.cap].
/// Threads  pure but for the generator, which the caller owns.
/// Source   "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
template <typename Generator>
[[nodiscard]] std::chrono::milliseconds next_delay(std::chrono::milliseconds previous, BackoffLimits limits,
                                                   Generator& generator) {
  const auto upper = std::clamp(previous * 3, limits.base * 2, limits.cap);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> draw(limits.base.count(), upper.count());
  return std::chrono::milliseconds{draw(generator)};
}

}  // namespace promptsales::runtime
