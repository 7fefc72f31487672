#pragma once

#include "backend/http/reply.hpp"
#include "base/error.hpp"

namespace promptsales::backend {

/// The one place where a failure becomes a reply: 503 with Retry-After for what passes by itself, 500 for the
/// rest. The failure's words go to the log, not to the client: they may hold names of tables and hosts.
[[nodiscard]] Reply reply_to_failure(const Error& error);

}  // namespace promptsales::backend
