#pragma once

#include <span>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/db/migrations.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Brings the schema up to date: applies every migration that `schema_migrations` does not list, each in a
/// transaction of its own that also lists it, under an advisory lock, so that any number of replicas may
/// start at once. Versions that the database has and this program does not know are left alone: the version
/// before this one keeps running during a rollout.
///
/// Returns  the versions applied by this call; none if all were there.
/// Errors   kRetryWithBackoff: not reachable, or another replica holds a lock for more than 3 s. kShutDown: a
///          migration was edited after it was applied, or its SQL is refused; nothing of it stays.
/// Threads  blocks the calling thread; uses a connection of its own.
[[nodiscard]] Result<std::vector<int>> migrate(const DatabaseService& service,
                                               std::span<const Migration> migrations = embedded_migrations());

}  // namespace promptsales::backend
