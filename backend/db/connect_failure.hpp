#pragma once

#include <libpq-fe.h>

#include <string_view>

#include "base/error.hpp"

namespace promptsales::backend {

/// Makes the server's refusals carry their SQLSTATE, which the text of a server in another language would
/// hide. Call between PQconnectStartParams and the first PQconnectPoll.
void want_sqlstate(PGconn* connection);

/// Why an attempt to connect has failed, sorted by libpq's words and the server's SQLSTATE.
///
/// Returns  one of connect_errors or of the few that only Postgres has ("DatabaseDoesNotExist",
///          "ServerStarting", "TooManyConnections", "ReadOnlyServer", "AccessRefused", "PoolerRefuses"); for
///          anything else
///          "DatabaseUnavailable" with libpq's words, which hold no password.
[[nodiscard]] Error connect_failure(const PGconn* connection);

/// The same from the words alone; exposed for tests.
[[nodiscard]] Error explain_connect_failure(std::string_view words);

}  // namespace promptsales::backend
