#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_database(inputs) || !inputs.effective.network_policy) return std::nullopt;
  return clients_only_policy(inputs.app, Component::kDatabase, bindings::kDatabasePort,
                             {Component::kBackend, Component::kMigration, Component::kTask});
}

}  // namespace

const Child children::database_network{.id = "database_network",
                                       .kind = k8s::kinds::kNetworkPolicy,
                                       .component = Component::kDatabase,
                                       .desired = desired,
                                       .ready = ready_when_present};

}  // namespace promptsales::controllers
