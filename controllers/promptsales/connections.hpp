#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "controllers/promptsales/effective.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

/// How many connections there are between pods and database, and who may have how many.
///
/// Without poolers pods open them to the server. With poolers (PgBouncer, in front of a CloudNativePG Cluster that is
/// made for the resource) pods and the migration open theirs to the poolers, which lend them a smaller number of
/// connections to the server: two numbers, each with a limit of its own.

/// PostgreSQL's own default: what a server that is started here accepts unless the spec says otherwise.
inline constexpr std::int64_t kDefaultConnections = 100;

/// Connections that a PgBouncer takes from clients: max_client_conn.
inline constexpr std::int64_t kPoolerClients = 1000;

/// Connections to the server that each PgBouncer lends to its clients: default_pool_size, at least 1. As many as
/// leave all poolers together within the server's limit, and in transaction mode no more than are of use.
/// REQUIRES: database.pooler_instances > 0
[[nodiscard]] std::int64_t pooler_connections(const Effective::Database& database);

/// The limit that pods and migrations meet, 0 if it is not known: of a server what it accepts; of poolers as much as a
/// server would have to accept to have the same room, as poolers keep nothing for others.
[[nodiscard]] std::int64_t limit_for_pods(const Effective::Database& database);

/// What is left of a limit for pools: without what is kept for others, and one connection for migrations.
[[nodiscard]] std::int64_t for_pools(std::int64_t limit);

/// The largest pool that so many pods can have at once under this limit: at least 1, and no larger than is of use.
[[nodiscard]] std::int64_t pool_for(std::int64_t pods, std::int64_t limit);

/// Azure works the number out once, when the server is made, and leaves it on whatever machine the server comes to be:
/// less than its machine would have is what it has had before, as status.effective says. Source: Azure Database for
/// PostgreSQL flexible server, "Server parameters", max_connections.
void keep_connections(Effective& effective, const k8s::Json& status);

/// Whether the database has a connection for every pod that there may be: autoscaling must not run it dry at
/// the very moment when the load is highest.
struct ConnectionBudget {
  enum class State { kWithin, kExceeded, kUnknown };
  State state = State::kWithin;
  std::string message;  ///< one sentence, with the remedy if there is one to take

  [[nodiscard]] bool exceeded() const { return state == State::kExceeded; }
};

/// The budget of a resource as its spec asks for it. Pools shrink with the number of pods, and what poolers lend
/// with the number of poolers, so what exceeds it are pods, or poolers, that would not even get one connection each.
///
/// Not      known for a database that others run and whose limit neither spec.database.maxConnections nor its
///          provider's documents say.
/// Threads  pure.
[[nodiscard]] ConnectionBudget connection_budget(const Effective& effective);

/// The same settings with as many pods and poolers as there are connections: of pods `before`, the bound in force
/// until now, or the largest number that fits.
[[nodiscard]] Effective within_budget(Effective effective, std::optional<std::int64_t> before);

/// The largest number of pods that status.effective says was in force; nothing for a new resource.
[[nodiscard]] std::optional<std::int64_t> replicas_bound_in(const k8s::Json& status);

}  // namespace promptsales::controllers
