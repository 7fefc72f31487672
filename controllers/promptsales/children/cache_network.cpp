#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_cache(inputs) || !inputs.effective.network_policy) return std::nullopt;
  return clients_only_policy(inputs.app, Component::kCache, bindings::kCachePort,
                             {Component::kBackend, Component::kTask});
}

}  // namespace

const Child children::cache_network{.id = "cache_network",
                                    .kind = k8s::kinds::kNetworkPolicy,
                                    .component = Component::kCache,
                                    .desired = desired,
                                    .ready = ready_when_present};

}  // namespace promptsales::controllers
