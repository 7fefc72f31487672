#pragma once

#include <span>
#include <string>
#include <vector>

#include "backend/cache/campaign_pages.hpp"
#include "backend/health.hpp"
#include "backend/metrics/request_metrics.hpp"

namespace promptsales::backend {

/// Where the page takes one loop's numbers from. Pointers outlive the page.
struct LoopMetrics {
  const RequestMetrics* requests;
  const CacheCounts* cache;
  std::size_t connections;
  std::uint64_t failed_handshakes = 0;
};

/// The /metrics page in Prometheus' text format: loops are summed up, not told apart.
///
/// Threads  any; a page is not one moment of all loops.
[[nodiscard]] std::string metrics_page(std::span<const RouteLabels> routes,
                                       std::span<const LoopMetrics> loops, const Health& health);

}  // namespace promptsales::backend
