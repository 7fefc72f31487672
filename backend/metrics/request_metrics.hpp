#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "backend/metrics/histogram.hpp"

namespace promptsales::backend {

/// What names a series of http_server_request_duration_seconds. The number of series is bounded by the route
/// table: no part of a client's path, and no method that we do not know, ever becomes a label.
struct RouteLabels {
  std::string_view method;   ///< "GET", ..., "_OTHER" for requests that matched no route
  std::string_view pattern;  ///< "/v1/campaigns/{id}"; "" for requests that matched no route
};

/// The statuses that this program sends; others count under 0.
inline constexpr std::array<unsigned, 17> kStatuses{0,   200, 201, 204, 304, 400, 404, 405, 409,
                                                    413, 415, 422, 428, 429, 431, 500, 503};

/// Durations of the requests of one loop, by route and status.
///
/// Threads  started() and record(): the loop's. active() and at(): any.
class RequestMetrics {
 public:
  /// Places 0 to routes-1 are the routes, in order of the table; place `routes` is "no route".
  explicit RequestMetrics(std::size_t routes);

  void started();
  void record(std::size_t place, unsigned status, std::chrono::nanoseconds duration);

  [[nodiscard]] std::int64_t active() const { return active_.load(std::memory_order_relaxed); }
  /// The histogram of a place and an index of kStatuses; null if nothing was recorded there.
  [[nodiscard]] const Histogram* at(std::size_t place, std::size_t status) const;

 private:
  struct Place {
    std::array<std::atomic<Histogram*>, kStatuses.size()> by_status{};
  };
  std::vector<Place> places_;
  std::vector<std::unique_ptr<Histogram>> histograms_;  ///< the loop's thread only; readers go by by_status
  std::atomic<std::int64_t> active_ = 0;
};

}  // namespace promptsales::backend
