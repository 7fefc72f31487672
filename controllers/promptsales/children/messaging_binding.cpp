#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  return binding_secret(inputs, Component::kMessaging, "nats");
}

}  // namespace

const Child children::messaging_binding{.id = "messaging_binding",
                                        .kind = k8s::kinds::kSecret,
                                        .component = Component::kMessaging,
                                        .desired = desired,
                                        .ready = ready_when_present};

}  // namespace promptsales::controllers
