#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.messaging || !inputs.effective.network_policy) return std::nullopt;
  return clients_only_policy(inputs.app, Component::kMessaging, bindings::kMessagingPort,
                             {Component::kBackend, Component::kTask});
}

}  // namespace

const Child children::messaging_network{.id = "messaging_network",
                                        .kind = k8s::kinds::kNetworkPolicy,
                                        .component = Component::kMessaging,
                                        .desired = desired,
                                        .ready = ready_when_present};

}  // namespace promptsales::controllers
