#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_database(inputs)) return std::nullopt;
  return server_service(inputs.app, Component::kDatabase, "postgresql", bindings::kDatabasePort);
}

}  // namespace

const Child children::database_service{.id = "database_service",
                                       .kind = k8s::kinds::kService,
                                       .component = Component::kDatabase,
                                       .desired = desired,
                                       .ready = ready_when_present};

}  // namespace promptsales::controllers
