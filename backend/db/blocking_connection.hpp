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

/// For an answer to what takes no time: a pooler that is paused, or a server whose disk is stuck, says nothing for ever.
inline constexpr std::chrono::milliseconds kAnswerPatience{10'000};
/// For what may take its time.
inline constexpr std::chrono::milliseconds kForEver = std::chrono::milliseconds::max();

/// Runs SQL, one or several statements, and waits for the last one's result.
///
/// Errors   in context of `doing`, with the server's words: kRetryWithBackoff for what passes by itself, and for no
///          answer within `patience`, after which the connection is of no use; "PermissionDenied" and "SqlRefused" for
///          the rest.
/// Threads  blocks the calling thread.
[[nodiscard]] Result<PgResultPtr> run_sql(PGconn* connection, const std::string& sql, std::string_view doing,
                                          std::chrono::milliseconds patience = kAnswerPatience);

}  // namespace promptsales::backend
