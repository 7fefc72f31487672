#include "controllers/promptsales/metadata.hpp"

#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {

std::string_view text_of(Component component) {
  switch (component) {
    case Component::kBackend:
      return "backend";
    case Component::kDatabase:
      return "database";
    case Component::kCache:
      return "cache";
    case Component::kMessaging:
      return "messaging";
    case Component::kTls:
      return "tls";
    case Component::kMigration:
      return "migration";
    case Component::kTask:
      return "task";
  }
  return "";
}

std::optional<Component> component_of(const Object& object) {
  const std::string label = k8s::string_at(object, {"metadata", "labels", "app.kubernetes.io/component"});
  using enum Component;
  for (const Component each : {kBackend, kDatabase, kCache, kMessaging, kTls, kMigration, kTask})
    if (label == text_of(each)) return each;
  return std::nullopt;
}

std::string child_name(const PromptSales& app, Component component) {
  return app.key.name + "-" + std::string{text_of(component)};
}

Json selector_of(const PromptSales& app, Component component) {
  return {{"promptsales.io/name", app.key.name}, {"app.kubernetes.io/component", text_of(component)}};
}

Json labels_of(const PromptSales& app, Component component) {
  Json labels = selector_of(app, component);
  labels["app.kubernetes.io/name"] = "promptsales";
  labels["app.kubernetes.io/part-of"] = "promptsales";
  labels["app.kubernetes.io/managed-by"] = "promptsales-operator";
  return labels;
}

Json metadata_of(const PromptSales& app, Component component, const std::string& name, Ownership ownership) {
  Json metadata{{"name", name}, {"namespace", app.key.namespace_}, {"labels", labels_of(app, component)}};
  if (ownership == Ownership::kRetained) return metadata;
  metadata["ownerReferences"] = Json::array({{{"apiVersion", k8s::kinds::kPromptSales.api_version()},
                                              {"kind", k8s::kinds::kPromptSales.kind},
                                              {"name", app.key.name},
                                              {"uid", app.uid},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}});
  return metadata;
}

Json container_security() {
  return {{"allowPrivilegeEscalation", false},
          {"readOnlyRootFilesystem", true},
          {"capabilities", {{"drop", Json::array({"ALL"})}}}};
}

Json pod_security(int user) {
  return {{"runAsNonRoot", true},
          {"runAsUser", user},
          {"runAsGroup", user},
          {"fsGroup", user},
          {"fsGroupChangePolicy", "OnRootMismatch"},
          {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

Json http_probe(const char* port, const char* path, int period, int failures) {
  return {{"httpGet", {{"path", path}, {"port", port}, {"scheme", "HTTP"}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 3},
          {"failureThreshold", failures}};
}

Json resources_of(const Amounts& amounts) {
  Json resources = Json::object();
  for (const auto& [name, quantity] : amounts.requests)
    resources["requests"][name] = k8s::canonical_quantity(quantity);
  for (const auto& [name, quantity] : amounts.limits)
    resources["limits"][name] = k8s::canonical_quantity(quantity);
  return resources;
}

}  // namespace promptsales::controllers
