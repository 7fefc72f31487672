#include "controllers/promptsales/connections.hpp"

#include <algorithm>

#include "controllers/promptsales/tiers.hpp"

namespace promptsales::controllers {
namespace {

std::string pods_of(const Effective::Backend& backend) {
  return std::to_string(backend.max_replicas) + " replicas and " + std::to_string(backend.max_surge) +
         " more during a roll-out";
}

}  // namespace

ConnectionBudget connection_budget(const Effective& effective) {
  const auto& database = effective.database;
  const auto needed = std::to_string(connections_needed(effective));
  if (database.max_connections == 0)
    return {ConnectionBudget::State::kUnknown,
            pods_of(effective.backend) + " open up to " + needed +
                " database connections, and how many the database accepts is not known: set "
                "spec.database.maxConnections"};
  const auto available = database.max_connections - kReservedConnections;
  if (connections_needed(effective) <= available)
    return {ConnectionBudget::State::kWithin, pods_of(effective.backend) + " open up to " + needed +
                                                  " of the " + std::to_string(available) +
                                                  " database connections for them"};
  return {ConnectionBudget::State::kExceeded,
          pods_of(effective.backend) + " need " + needed + " database connections, and the database has " +
              std::to_string(available) + " for them: lower spec.backend.autoscaling." +
              (effective.backend.autoscaling == AutoscalingType::kNone ? "minReplicas" : "maxReplicas") +
              ", or give the database more "
              "(spec.database.maxConnections); until then fewer replicas are allowed"};
}

Effective within_budget(Effective effective, std::optional<std::int64_t> before) {
  const auto fits = most_replicas(effective.database.max_connections, 1);
  if (!fits) return effective;
  auto& backend = effective.backend;
  backend.max_replicas = std::min(backend.max_replicas, before ? std::min(*before, *fits) : *fits);
  backend.min_replicas = std::min(backend.min_replicas, backend.max_replicas);
  share_connections(effective);
  return effective;
}

std::optional<std::int64_t> replicas_bound_in(const k8s::Json& status) {
  const auto bound = k8s::integer_at(status, {"effective", "backend", "autoscaling", "maxReplicas"});
  return bound > 0 ? std::optional{bound} : std::nullopt;
}

}  // namespace promptsales::controllers
