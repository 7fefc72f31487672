#include "controllers/promptsales/connections.hpp"

#include <algorithm>

#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/tiers.hpp"

namespace promptsales::controllers {
namespace {

using State = ConnectionBudget::State;

constexpr std::int64_t kLargestPool = 10;  // more per pod only queues inside the database
constexpr std::int64_t kMostLent = 25;     // by one PgBouncer in transaction mode: more only queue, too
/// Besides what it lends, a PgBouncer of CloudNativePG has a connection to look passwords up.
constexpr std::int64_t kForLogins = 1;

/// Of the server, for everybody but those for whom some are kept.
std::int64_t available(const Effective::Database& database) {
  return database.max_connections - kReservedConnections;
}

/// Of all poolers together to the server.
std::int64_t needed_by_poolers(const Effective::Database& database) {
  return database.pooler_instances * (pooler_connections(database) + kForLogins);
}

/// That all poolers together can take.
std::int64_t clients_of_poolers(const Effective::Database& database) {
  const bool for_each_one = database.pool_mode == PoolMode::kSession;
  return database.pooler_instances * (for_each_one ? pooler_connections(database) : kPoolerClients);
}

/// Each lends one connection at least.
std::int64_t most_poolers(const Effective::Database& database) {
  return std::max<std::int64_t>(1, available(database) / (1 + kForLogins));
}

std::string counted(std::int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string pods_of(const Effective::Backend& backend) {
  return std::to_string(backend.max_replicas) + " replicas and " + std::to_string(backend.max_surge) +
         " more during a roll-out";
}

std::string fewer_pods(const Effective::Backend& backend) {
  return std::string{"lower spec.backend.autoscaling."} +
         (backend.autoscaling == AutoscalingType::kNone ? "minReplicas" : "maxReplicas");
}

constexpr const char* kMoreConnections = "give the database more (spec.database.maxConnections)";
constexpr const char* kPoolers = "spec.database.cloudNativePG.pooler.";

ConnectionBudget without_poolers(const Effective& effective, bool fits) {
  const std::string pods = pods_of(effective.backend);
  const auto needed = std::to_string(connections_needed(effective));
  const auto there = std::to_string(available(effective.database));
  if (fits)
    return {State::kWithin,
            pods + " open up to " + needed + " of the " + there + " database connections for them"};
  return {State::kExceeded, pods + " need " + needed + " database connections, and the database has " +
                                there + " for them: " + fewer_pods(effective.backend) + ", or " +
                                kMoreConnections + "; until then fewer replicas are allowed"};
}

/// What pods need of poolers.
ConnectionBudget of_clients(const Effective& effective, bool fits) {
  const auto& database = effective.database;
  const std::string pods = pods_of(effective.backend);
  const auto needed = std::to_string(connections_needed(effective));
  const auto there = std::to_string(clients_of_poolers(database));
  const std::string poolers = counted(database.pooler_instances, "pooler");
  if (fits)
    return {State::kWithin, pods + " open up to " + needed + " of the " + there + " connections that " +
                                poolers + " can take, which open up to " +
                                std::to_string(needed_by_poolers(database)) + " of the " +
                                std::to_string(available(database)) + " database connections for them"};
  const std::string remedy = database.pool_mode == PoolMode::kTransaction
                                 ? std::string{"raise "} + kPoolers + "instances"
                                 : std::string{kMoreConnections} + ", or set " + kPoolers +
                                       "poolMode to transaction, as in mode session each takes one of the "
                                       "database for itself";
  return {State::kExceeded, pods + " need " + needed + " connections, and " + poolers + " can take " + there +
                                ": " + fewer_pods(effective.backend) + ", or " + remedy +
                                "; until then fewer replicas are allowed"};
}

/// What poolers need of the server.
ConnectionBudget of_poolers(const Effective::Database& database) {
  return {State::kExceeded,
          counted(database.pooler_instances, "pooler") + " need " +
              std::to_string(needed_by_poolers(database)) + " database connections, and the database has " +
              std::to_string(available(database)) + " for them: lower " + kPoolers + "instances, or " +
              kMoreConnections + "; until then there are " + std::to_string(most_poolers(database))};
}

}  // namespace

std::int64_t pooler_connections(const Effective::Database& database) {
  const auto share = available(database) / database.pooler_instances - kForLogins;
  // In mode session a client keeps what it was lent: what is not lent is of no use to anybody.
  const auto most = database.pool_mode == PoolMode::kSession ? share : std::min(share, kMostLent);
  return std::max<std::int64_t>(1, most);
}

std::int64_t limit_for_pods(const Effective::Database& database) {
  if (database.max_connections == 0 || database.pooler_instances == 0) return database.max_connections;
  return clients_of_poolers(database) + kReservedConnections;
}

std::int64_t for_pools(std::int64_t limit) { return limit - kReservedConnections - 1; }

std::int64_t pool_for(std::int64_t pods, std::int64_t limit) {
  const auto all = for_pools(limit == 0 ? kDefaultConnections : limit);
  return std::clamp<std::int64_t>(all / std::max<std::int64_t>(1, pods), 1, kLargestPool);
}

void keep_connections(Effective& effective, const k8s::Json& status) {
  auto& database = effective.database;
  if (database.type != DatabaseType::kAzureServiceOperator || database.asked->max_connections) return;
  const bool was_azure = k8s::string_at(status, {"effective", "database", "type"}) == text_of(*database.type);
  const auto had = k8s::integer_at(status, {"effective", "database", "maxConnections"});
  // Of another number somebody has said it, and does not any more.
  if (!was_azure || !bindings::is_azure_number(had) || had >= database.max_connections) return;
  database.max_connections = had;
  share_connections(effective);
}

ConnectionBudget connection_budget(const Effective& effective) {
  const auto& database = effective.database;
  const auto limit = limit_for_pods(database);
  if (limit == 0) {
    const std::string machine = bindings::machine_of(database);
    return {State::kUnknown, pods_of(effective.backend) + " open up to " +
                                 std::to_string(connections_needed(effective)) +
                                 " database connections, and how many the database accepts" +
                                 (machine.empty() ? "" : " on " + machine) +
                                 " is not known: set spec.database.maxConnections"};
  }
  const bool fits = connections_needed(effective) <= limit - kReservedConnections;
  if (database.pooler_instances == 0) return without_poolers(effective, fits);
  return needed_by_poolers(database) > available(database) ? of_poolers(database)
                                                           : of_clients(effective, fits);
}

Effective within_budget(Effective effective, std::optional<std::int64_t> before) {
  auto& database = effective.database;
  if (database.pooler_instances > 0)
    database.pooler_instances = std::min(database.pooler_instances, most_poolers(database));
  auto& backend = effective.backend;
  const auto fits = most_replicas(limit_for_pods(database), 1);
  // Pods that nobody scales are what they are.
  if (fits && backend.max_replicas > *fits && !backend.keeps_replicas) {
    backend.max_replicas = before ? std::min(*before, *fits) : *fits;
    backend.min_replicas = std::min(backend.min_replicas, backend.max_replicas);
  }
  share_connections(effective);
  return effective;
}

std::optional<std::int64_t> replicas_bound_in(const k8s::Json& status) {
  const auto bound = k8s::integer_at(status, {"effective", "backend", "autoscaling", "maxReplicas"});
  return bound > 0 ? std::optional{bound} : std::nullopt;
}

}  // namespace promptsales::controllers
