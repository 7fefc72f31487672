#include "backend/routes/router.hpp"

#include <exception>

#include "backend/http/problem.hpp"
#include "backend/http/route_match.hpp"
#include "backend/log.hpp"
#include "backend/logic/tenant.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

std::string_view name_of(HttpVerb method) {
  const auto name = boost::beast::http::to_string(method);
  return {name.data(), name.size()};
}

}  // namespace

std::vector<RouteLabels> route_labels() {
  std::vector<RouteLabels> labels;
  for (const auto& route : public_routes()) labels.push_back({name_of(route.method), route.pattern});
  return labels;
}

Router::Router(Toolbox tools, RequestMetrics& metrics, bool access_log)
    : tools_(tools), metrics_(metrics), access_log_(access_log) {}

Router::Match Router::find(const Request& request) {
  const auto routes = public_routes();
  const auto method = request.method == HttpVerb::head ? HttpVerb::get : request.method;
  Match match{.place = routes.size(), .id = {}, .allow = {}};
  for (std::size_t place = 0; place < routes.size(); ++place) {
    const auto id = match_path(routes[place].pattern, request.path());
    if (!id) continue;
    if (routes[place].method == method) return {.place = place, .id = *id, .allow = {}};
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += name_of(routes[place].method);
    if (routes[place].method == HttpVerb::get) match.allow += ", HEAD";
  }
  return match;
}

asio::awaitable<Reply> Router::answer(const Request& request, const Match& match) {
  const auto routes = public_routes();
  if (match.place < routes.size())
    return routes[match.place].endpoint(Call{tools_, request, match.id, kDefaultOrg});
  return [](std::string allow) -> asio::awaitable<Reply> {
    if (allow.empty()) co_return problem(404, "not-found", "There is nothing at this path.");
    auto reply = problem(405, "method-not-allowed", "This path takes other methods; Allow names them.");
    reply.fields = "Allow: " + allow + "\r\n";
    co_return reply;
  }(match.allow);
}

asio::awaitable<Reply> Router::handle(const Request& request) {
  const auto begin = tools_.clock.now();
  metrics_.started();
  const auto match = find(request);
  Reply reply;
  try {
    reply = co_await answer(request, match);
  } catch (const std::exception& e) {  // out of memory, most likely: one request, not the process
    log_line(LogLevel::kError, "request failed", {{"error", std::string_view{e.what()}}});
    reply = problem(500, "internal", "Something is wrong on our side; it has been logged.");
  }
  const auto duration = tools_.clock.now() - begin;
  metrics_.record(match.place, reply.status, duration);
  if (access_log_)
    log_line(LogLevel::kInfo, "request",
             {{"method", name_of(request.method)},
              {"path", request.path()},
              {"status", std::int64_t{reply.status}},
              {"us", std::chrono::duration_cast<std::chrono::microseconds>(duration).count()}});
  co_return reply;
}

}  // namespace promptsales::backend
