#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "backend/bindings/service.hpp"
#include "backend/db/pg_handle.hpp"
#include "backend/db/rows.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Connects and waits for it, for work beside the loops.
///
/// Errors   as connect_failure(), also when `deadline` passes (names are looked up outside of it).
/// Threads  blocks the calling thread.
[[nodiscard]] Result<PgHandle> connect_and_wait(const DatabaseService& service,
                                                std::chrono::milliseconds deadline = std::chrono::seconds{5});

/// Runs SQL, one or several statements, and waits for the last one's result.
///
/// Errors   in context of `doing`, with the server's words: kRetryWithBackoff for what passes by itself,
///          "PermissionDenied" and "SqlRefused" for the rest.
[[nodiscard]] Result<PgResultPtr> run_sql(PGconn* connection, const std::string& sql, std::string_view doing);

}  // namespace promptsales::backend
