#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.messaging) return std::nullopt;
  return server_service(inputs.app, Component::kMessaging, "nats", bindings::kMessagingPort);
}

}  // namespace

const Child children::messaging_service{.id = "messaging_service",
                                        .kind = k8s::kinds::kService,
                                        .component = Component::kMessaging,
                                        .desired = desired,
                                        .ready = ready_when_present};

}  // namespace promptsales::controllers
