#pragma once

#include <chrono>

#include "backend/bindings/service.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// What `promptsales-backend migrate` does: waits for the database for at most `patience`, then migrates it.
/// What waiting cannot heal (a wrong password, a missing database, SQL that is refused) ends it at once:
/// whoever runs it decides about another attempt.
///
/// Errors   as migrate(), with a schema that is newer than this program refused; the last one when the time
/// is
///          up.
/// Threads  blocks the calling thread.
[[nodiscard]] Result<void> migrate_and_wait(const DatabaseService& service, std::chrono::seconds patience,
                                            const Clock& clock);

}  // namespace promptsales::backend
