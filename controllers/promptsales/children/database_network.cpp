#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// Only the backend's pods may come in, and nothing goes out.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.database || !inputs.effective.network_policy) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kDatabase);
  const Json from{{"podSelector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}}};
  const Json port{{"port", bindings::kDatabasePort}, {"protocol", "TCP"}};
  return Object{{"apiVersion", "networking.k8s.io/v1"},
                {"kind", "NetworkPolicy"},
                {"metadata", metadata_of(inputs.app, Component::kDatabase, name)},
                {"spec",
                 {{"podSelector", {{"matchLabels", selector_of(inputs.app, Component::kDatabase)}}},
                  {"policyTypes", Json::array({"Ingress", "Egress"})},
                  {"ingress", Json::array({{{"from", Json::array({from})}, {"ports", Json::array({port})}}})}}}};
}

}  // namespace

const Child children::database_network{.id = "database_network",
                                  .kind = k8s::kinds::kNetworkPolicy,
                                  .component = Component::kDatabase,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
