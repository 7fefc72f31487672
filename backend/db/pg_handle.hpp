#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

namespace promptsales::backend {

struct PgConnDeleter {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using PgHandle = std::unique_ptr<PGconn, PgConnDeleter>;

/// libpq's last error on one line. It names user and host, never the password.
[[nodiscard]] std::string last_error(const PGconn* connection);

}  // namespace promptsales::backend
