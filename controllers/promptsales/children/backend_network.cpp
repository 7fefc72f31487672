#include <algorithm>
#include <array>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

Json port(int number, const char* protocol = "TCP") { return {{"port", number}, {"protocol", protocol}}; }

Json to_pods(const Inputs& inputs, Component component) {
  return {{"podSelector", {{"matchLabels", selector_of(inputs.app, component)}}}};
}

/// To what is bound: the pods of a service that the operator runs; the ports alone of any other, as a host
/// name is nothing that a NetworkPolicy can hold.
Json to_binding(const Inputs& inputs, Component component, const bindings::Entries& entries) {
  Json rule{{"ports", Json::array()}};
  for (const int number : bindings::ports_of(entries)) rule["ports"].push_back(port(number));
  if (bindings::value_of(entries, "provider") == bindings::kEmbedded)
    rule["to"] = Json::array({to_pods(inputs, component)});
  return rule;
}

/// Whether a rule is one that to_binding() makes: what somebody else has added is not kept.
bool leads_to_a_service(const Inputs& inputs, const Json& rule) {
  if (!rule.is_object() || !rule.contains("ports")) return false;
  if (!rule.contains("to")) return rule.size() == 1;
  using enum Component;
  return std::ranges::any_of(std::array{kDatabase, kCache, kMessaging}, [&](Component component) {
    return rule["to"] == Json::array({to_pods(inputs, component)});
  });
}

// In: requests, and probes and scrapes on the admin port, from anywhere. Out: names, what is bound, what pods that
// have not been replaced yet are bound to, and nothing else.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.effective.network_policy) return std::nullopt;
  // Names. Policies look at the port of the pod behind the Service, and OpenShift's DNS pods listen on 5353.
  Json egress =
      Json::array({{{"ports", Json::array({port(53, "UDP"), port(53), port(5353, "UDP"), port(5353)})}}});
  for (const auto& [component, entries] : inputs.bindings)
    egress.push_back(to_binding(inputs, component, entries));
  for (const Json& rule : inputs.former_egress)
    if (leads_to_a_service(inputs, rule) && std::ranges::find(egress, rule) == egress.end())
      egress.push_back(rule);
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
