#pragma once

#include <span>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/db/migrations.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// What to do about migrations in the database that this program does not know. While a newer version is
/// being rolled out, pods of the one before go on serving; a rollout of an older version is another matter.
enum class NewerSchema { kTolerate, kRefuse };

/// Brings the schema up to date: applies every migration that `schema_migrations` does not list, each in a
/// transaction of its own that also lists it, under an advisory lock, so that any number of replicas may
/// start at once. Nothing is set or locked beyond a transaction, as a connection pooler demands.
///
/// Returns  the versions applied by this call; none if all were there.
/// Errors   kRetryWithBackoff: not reachable, or another replica holds a lock for more than 3 s. kShutDown:
///          "MigrationEdited" (changed after it was applied), "SchemaNewer", "PermissionDenied" or
///          "SqlRefused"; nothing of a failed migration stays. Others: as connect_failure().
/// Threads  blocks the calling thread; uses a connection of its own.
[[nodiscard]] Result<std::vector<int>> migrate(const DatabaseService& service,
                                               std::span<const Migration> migrations = embedded_migrations(),
                                               NewerSchema newer = NewerSchema::kTolerate);

/// The versions that migrate() would apply. Changes nothing.
///
/// Errors, Threads  as migrate().
[[nodiscard]] Result<std::vector<int>> missing_migrations(
    const DatabaseService& service, std::span<const Migration> migrations = embedded_migrations());

}  // namespace promptsales::backend
