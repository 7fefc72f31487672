#include "backend/admin/admin_handler.hpp"

#include "backend/http/problem.hpp"
#include "backend/json/writer.hpp"

namespace promptsales::backend {
namespace {

Reply health_reply(const std::optional<std::string>& stuck) {
  Reply reply{.status = stuck ? 503U : 200U};
  JsonWriter json{reply.body};
  json.begin_object().key("healthy").boolean(!stuck);
  if (stuck) json.key("stuck").string(*stuck);
  json.end_object();
  return reply;
}

Reply not_allowed() {
  Reply reply = problem(405, "method-not-allowed", "The admin port takes GET and HEAD.");
  reply.fields = "Allow: GET, HEAD\r\n";
  return reply;
}

}  // namespace

Reply AdminHandler::answer(const Request& request) const {
  if (request.method != HttpVerb::get && request.method != HttpVerb::head) return not_allowed();
  if (request.path() == "/healthz") return health_reply(sources_.stuck());
  if (request.path() == "/readyz") {
    auto readiness = sources_.readiness();
    return {.status = readiness.ready ? 200U : 503U, .body = std::move(readiness.body)};
  }
  if (request.path() == "/metrics")
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = sources_.metrics()};
  return problem(404, "not-found", "The admin port serves /healthz, /readyz and /metrics.");
}

boost::asio::awaitable<Reply> AdminHandler::handle(const Request& request) {
  if (request.path() == "/readyz" && request.query() == "logins") co_await sources_.try_logins();
  co_return answer(request);
}

}  // namespace promptsales::backend
