#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/effective.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

/// Whether the database has a connection for every pod that there may be: autoscaling must not run it dry at
/// the very moment when the load is highest.
struct ConnectionBudget {
  enum class State { kWithin, kExceeded, kUnknown };
  State state = State::kWithin;
  std::string message;  ///< one sentence, with the remedy if there is one to take

  [[nodiscard]] bool exceeded() const { return state == State::kExceeded; }
};

/// The budget of a resource as its spec asks for it. Pools shrink with the number of pods, so what exceeds it
/// are pods that would not even get one connection each.
///
/// Not      known for a database that others run, unless spec.database.maxConnections says it.
/// Threads  pure.
[[nodiscard]] ConnectionBudget connection_budget(const Effective& effective);

/// The same settings with as many pods as there are connections: `before`, the bound in force until now, or
/// the largest one that fits.
[[nodiscard]] Effective within_budget(Effective effective, std::optional<std::int64_t> before);

/// The largest number of pods that status.effective says was in force; nothing for a new resource.
[[nodiscard]] std::optional<std::int64_t> replicas_bound_in(const k8s::Json& status);

}  // namespace promptsales::controllers
