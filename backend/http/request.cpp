#include "backend/http/request.hpp"

namespace promptsales::backend {

namespace {
constexpr std::size_t kKeptBody = 16 * 1024;  // a rare large body must not stay with an idle connection
}

void Request::clear() {
  method = HttpVerb::unknown;
  target.clear();
  idempotency_key.clear();
  if_none_match.clear();
  content_type.clear();
  body.clear();
  if (body.capacity() > kKeptBody) body.shrink_to_fit();
  has_host = expects_continue = keep_alive = false;
}

}  // namespace promptsales::backend
