#pragma once

#include "backend/http/handler.hpp"
#include "backend/metrics/request_metrics.hpp"
#include "backend/routes/endpoint.hpp"

namespace promptsales::backend {

/// Takes each request to its endpoint: 404 for an unknown path, 405 with Allow for a known one with another
/// method; HEAD is served as GET. Records every reply's duration.
///
/// Threads  one loop's.
class Router final : public Handler {
 public:
  Router(Toolbox tools, RequestMetrics& metrics, bool access_log);

  [[nodiscard]] boost::asio::awaitable<Reply> handle(const Request& request) override;

 private:
  struct Match {
    std::size_t place;  ///< in the table; its size for no route
    std::string_view id;
    std::string allow;  ///< methods of the path, if only the method did not match
  };
  static Match find(const Request& request);
  boost::asio::awaitable<Reply> answer(const Request& request, const Match& match);

  Toolbox tools_;
  RequestMetrics& metrics_;
  const bool access_log_;
};

/// The labels of the table's routes, in its order.
[[nodiscard]] std::vector<RouteLabels> route_labels();

}  // namespace promptsales::backend
