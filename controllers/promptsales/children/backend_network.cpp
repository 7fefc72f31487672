#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

Json port(int number, const char* protocol = "TCP") { return {{"port", number}, {"protocol", protocol}}; }

Json to_component(const Inputs& inputs, Component component, int number) {
  return {{"to", Json::array({{{"podSelector", {{"matchLabels", selector_of(inputs.app, component)}}}}})},
          {"ports", Json::array({port(number)})}};
}

// In: requests, and probes and scrapes on the admin port, from anywhere. Out: names, the database, the cache,
// and nothing else.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.effective.network_policy) return std::nullopt;
  Json egress = Json::array({{{"ports", Json::array({port(53, "UDP"), port(53)})}}});
  if (inputs.database) egress.push_back(to_component(inputs, Component::kDatabase, bindings::kDatabasePort));
  if (inputs.cache) egress.push_back(to_component(inputs, Component::kCache, bindings::kCachePort));
  return Object{
      {"apiVersion", "networking.k8s.io/v1"},
      {"kind", "NetworkPolicy"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"spec",
       {{"podSelector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}},
        {"policyTypes", Json::array({"Ingress", "Egress"})},
        {"ingress",
         Json::array({{{"ports", Json::array({port(public_port(inputs).container), port(kAdminPort)})}}})},
        {"egress", std::move(egress)}}}};
}

}  // namespace

const Child children::backend_network{.id = "backend_network",
                                      .kind = k8s::kinds::kNetworkPolicy,
                                      .component = Component::kBackend,
                                      .desired = desired,
                                      .ready = ready_when_present};

}  // namespace promptsales::controllers
