#pragma once

#include <span>

namespace promptsales::backend {

/// One step of the schema: a file of backend/migrations, compiled in.
struct Migration {
  int version;       ///< from the file's name; 1, 2, 3, ...
  const char* name;  ///< the file's name without ".sql"
  const char* sql;   ///< run as one transaction, so no BEGIN, COMMIT or CREATE INDEX CONCURRENTLY in it
};

/// All of them, in order of version. Expand and contract only: the version before must be able to work with
/// the schema that the next one leaves, as both run during a rollout.
[[nodiscard]] std::span<const Migration> embedded_migrations();

}  // namespace promptsales::backend
