#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  return binding_secret(inputs, Component::kDatabase, "postgresql");
}

}  // namespace

const Child children::database_binding{.id = "database_binding",
                                       .kind = k8s::kinds::kSecret,
                                       .component = Component::kDatabase,
                                       .desired = desired,
                                       .ready = ready_when_present};

}  // namespace promptsales::controllers
