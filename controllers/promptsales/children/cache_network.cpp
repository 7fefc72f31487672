#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// Only the backend's pods may come in, and nothing goes out.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache || !inputs.effective.network_policy) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kCache);
  const Json from{{"podSelector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}}};
  const Json port{{"port", bindings::kCachePort}, {"protocol", "TCP"}};
  return Object{{"apiVersion", "networking.k8s.io/v1"},
                {"kind", "NetworkPolicy"},
                {"metadata", metadata_of(inputs.app, Component::kCache, name)},
                {"spec",
                 {{"podSelector", {{"matchLabels", selector_of(inputs.app, Component::kCache)}}},
                  {"policyTypes", Json::array({"Ingress", "Egress"})},
                  {"ingress", Json::array({{{"from", Json::array({from})}, {"ports", Json::array({port})}}})}}}};
}

}  // namespace

const Child children::cache_network{.id = "cache_network",
                                  .kind = k8s::kinds::kNetworkPolicy,
                                  .component = Component::kCache,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
