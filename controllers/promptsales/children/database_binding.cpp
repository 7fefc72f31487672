#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.database) return std::nullopt;
  return binding_secret(inputs.app, Component::kDatabase, "postgresql", bindings::embedded_database(inputs));
}

}  // namespace

const Child children::database_binding{.id = "database_binding",
                                       .kind = k8s::kinds::kSecret,
                                       .component = Component::kDatabase,
                                       .desired = desired,
                                       .ready = ready_when_present};

}  // namespace promptsales::controllers
