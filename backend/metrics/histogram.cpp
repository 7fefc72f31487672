#include "backend/metrics/histogram.hpp"

#include <algorithm>

namespace promptsales::backend {
namespace {

/// One writer: a plain load and store, without the locked instruction of fetch_add.
void add_to(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

void Histogram::add(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto at = std::ranges::lower_bound(kDurationBounds, seconds);
  add_to(buckets_[static_cast<std::size_t>(at - kDurationBounds.begin())], 1);
  add_to(nanoseconds_, static_cast<std::uint64_t>(duration.count()));
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
  return total;
}

double Histogram::sum_seconds() const {
  return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
}

}  // namespace promptsales::backend
