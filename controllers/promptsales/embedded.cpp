#include "controllers/promptsales/embedded.hpp"

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {

bool runs_database(const Inputs& inputs) {
  return inputs.database && inputs.effective.database.type == DatabaseType::kEmbedded;
}

bool runs_cache(const Inputs& inputs) {
  return inputs.cache && inputs.effective.cache.type == CacheType::kEmbedded;
}

std::optional<Object> binding_secret(const Inputs& inputs, Component component, std::string_view type) {
  const auto bound = inputs.bindings.find(component);
  if (bound == inputs.bindings.end()) return std::nullopt;
  Json metadata = metadata_of(inputs.app, component, child_name(inputs.app, component) + "-binding");
  // Tools that restart pods when a Secret changes must leave it alone: the operator does that itself.
  metadata["annotations"]["reloader.stakater.com/ignore"] = "true";
  auto entries = bound->second;
  if (const auto asked = entries.extract(bindings::kAskedFor))
    metadata["annotations"][bindings::kAskedFor] = asked.mapped();
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "servicebinding.io/" + std::string{type}},
                {"data", bindings::secret_data(entries)}};
}

Object server_service(const PromptSales& app, Component component, std::string_view port_name, int port) {
  const Json only{{"name", port_name}, {"port", port}, {"protocol", "TCP"}, {"targetPort", port_name}};
  return {
      {"apiVersion", "v1"},
      {"kind", "Service"},
      {"metadata", metadata_of(app, component, child_name(app, component))},
      {"spec",
       {{"type", "ClusterIP"}, {"selector", selector_of(app, component)}, {"ports", Json::array({only})}}}};
}

// Nothing may go out. Said as an empty list: a field that is left out is nobody's, and a rule that somebody
// adds there would stay.
Object clients_only_policy(const PromptSales& app, Component component, int port,
                           std::initializer_list<Component> clients) {
  Json from = Json::array();
  for (const Component client : clients)
    from.push_back({{"podSelector", {{"matchLabels", selector_of(app, client)}}}});
  const Json rule{{"from", std::move(from)}, {"ports", Json::array({{{"port", port}, {"protocol", "TCP"}}})}};
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"metadata", metadata_of(app, component, child_name(app, component))},
          {"spec",
           {{"podSelector", {{"matchLabels", selector_of(app, component)}}},
            {"policyTypes", Json::array({"Ingress", "Egress"})},
            {"ingress", Json::array({rule})},
            {"egress", Json::array()}}}};
}

// Parallel, because in order a pod that never gets ready is never replaced by a mended one
// (kubernetes/kubernetes#67250).
Object single_server(const PromptSales& app, Component component, Json pod_spec, Json annotations) {
  const std::string name = child_name(app, component);
  Json metadata{{"labels", labels_of(app, component)}};
  if (!annotations.empty()) metadata["annotations"] = std::move(annotations);
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", metadata_of(app, component, name)},
          {"spec",
           {{"replicas", 1},
            {"serviceName", name},
            {"podManagementPolicy", "Parallel"},
            {"selector", {{"matchLabels", selector_of(app, component)}}},
            {"template", {{"metadata", std::move(metadata)}, {"spec", std::move(pod_spec)}}}}}};
}

void keep_data(Object& server, const PromptSales& app, Component component, const std::string& size,
               const std::optional<std::string>& storage_class) {
  Json claim{{"accessModes", Json::array({"ReadWriteOnce"})},
             {"resources", resources_of({.requests = {{"storage", size}}, .limits = {}})}};
  if (storage_class) claim["storageClassName"] = *storage_class;
  server["spec"]["persistentVolumeClaimRetentionPolicy"] = {{"whenDeleted", "Retain"},
                                                            {"whenScaled", "Retain"}};
  server["spec"]["volumeClaimTemplates"] =
      Json::array({{{"metadata", {{"name", "data"}, {"labels", labels_of(app, component)}}},
                    {"spec", std::move(claim)}}});
}

}  // namespace promptsales::controllers
