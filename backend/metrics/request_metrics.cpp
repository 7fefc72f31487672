#include "backend/metrics/request_metrics.hpp"

#include <algorithm>

namespace promptsales::backend {

RequestMetrics::RequestMetrics(std::size_t routes) : places_(routes + 1) {}

void RequestMetrics::started() {
  active_.store(active_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void RequestMetrics::record(std::size_t place, unsigned status, std::chrono::nanoseconds duration) {
  active_.store(active_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  const auto known = std::ranges::find(kStatuses, status);
  const auto index = known == kStatuses.end() ? 0 : static_cast<std::size_t>(known - kStatuses.begin());
  auto& cell = places_[place].by_status[index];
  auto* histogram = cell.load(std::memory_order_relaxed);
  if (histogram == nullptr) {
    histogram = histograms_.emplace_back(std::make_unique<Histogram>()).get();
    cell.store(histogram, std::memory_order_release);
  }
  histogram->add(duration);
}

const Histogram* RequestMetrics::at(std::size_t place, std::size_t status) const {
  return places_[place].by_status[status].load(std::memory_order_acquire);
}

}  // namespace promptsales::backend
