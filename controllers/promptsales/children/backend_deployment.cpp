#include <algorithm>
#include <array>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/provider.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/codec.hpp"
#include "controllers/promptsales/former_bindings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kBackendUser = 65532;

Json environment(const Inputs& inputs) {
  Json env = Json::array({{{"name", "SERVICE_BINDING_ROOT"}, {"value", "/bindings"}}});
  for (const auto& variable : inputs.effective.backend.env) {
    Json entry = encode(variable);
    if (entry.value("value", "-").empty()) entry.erase("value");  // the server does not store it
    env.push_back(std::move(entry));
  }
  return env;
}

Json container(const Inputs& inputs) {
  const auto& backend = inputs.effective.backend;
  Json mounts = Json::array({{{"name", "tmp"}, {"mountPath", "/tmp"}}});
  for (const auto& [component, entries] : inputs.bindings) {
    const std::string binding{text_of(component)};
    mounts.push_back(
        {{"name", "binding-" + binding}, {"mountPath", "/bindings/" + binding}, {"readOnly", true}});
  }
  if (inputs.tls) mounts.push_back({{"name", "tls"}, {"mountPath", kTlsFolder}, {"readOnly", true}});
  const PublicPort open = public_port(inputs);
  return {
      {"name", "backend"},
      {"image", inputs.held_image.value_or(backend.image)},
      {"imagePullPolicy", "IfNotPresent"},
      {"envFrom", Json::array({{{"configMapRef", {{"name", child_name(inputs.app, Component::kBackend)}}}}})},
      {"env", environment(inputs)},
      {"ports", Json::array({{{"name", open.name}, {"containerPort", open.container}, {"protocol", "TCP"}},
                             {{"name", "admin"}, {"containerPort", kAdminPort}, {"protocol", "TCP"}}})},
      {"resources", resources_of(backend.resources)},
      {"securityContext", container_security()},
      {"startupProbe", http_probe("admin", "/healthz", 1, 60)},
      {"readinessProbe", http_probe("admin", "/readyz", 2, 2)},
      {"livenessProbe", http_probe("admin", "/healthz", 10, 3)},
      {"volumeMounts", std::move(mounts)}};
}

Json volumes(const Inputs& inputs) {
  Json volumes = Json::array({{{"name", "tmp"}, {"emptyDir", Json::object()}}});
  for (const auto& [component, entries] : inputs.bindings)
    volumes.push_back(
        {{"name", "binding-" + std::string{text_of(component)}},
         {"secret",
          {{"secretName", child_name(inputs.app, component) + "-binding"}, {"defaultMode", 0440}}}});
  if (inputs.tls)
    volumes.push_back(
        {{"name", "tls"},
         {"secret", {{"secretName", child_name(inputs.app, Component::kTls)}, {"defaultMode", 0440}}}});
  return volumes;
}

// Pods are replaced when what they read at start, and not again, changes: a hash of it is part of their
// template. Of certificates that is the CA, and what the spec says: a renewed leaf is read by the pods that run.
Json template_annotations(const Inputs& inputs) {
  Json annotations = binding_hashes(inputs);
  annotations["promptsales.io/config-hash"] = k8s::digest_of(backend_settings(inputs));
  if (inputs.tls && inputs.tls->generations.trust > 0) {
    annotations[tls::kTrustGeneration] = std::to_string(inputs.tls->generations.trust);
    annotations[tls::kCertificateGeneration] = std::to_string(inputs.tls->generations.certificate);
  }
  if (inputs.tls && !inputs.tls->asked_for.empty()) annotations[tls::kAskedFor] = inputs.tls->asked_for;
  return annotations;
}

Json pod(const Inputs& inputs) {
  const auto& spread = inputs.effective.spread;
  return {
      {"serviceAccountName", child_name(inputs.app, Component::kBackend)},
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", pod_security(kBackendUser)},
      {"terminationGracePeriodSeconds", kDrainSeconds + 25},  // after draining, time for the slowest request
      {"topologySpreadConstraints",
       Json::array({{{"maxSkew", 1},
                     {"topologyKey", spread.topology_key},
                     {"whenUnsatisfiable", spread.when_unsatisfiable},
                     {"labelSelector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}},
                     // Without it pods of the old revision count, and a roll-out ends lopsided.
                     {"matchLabelKeys", Json::array({"pod-template-hash"})}}})},
      {"containers", Json::array({container(inputs)})},
      {"volumes", volumes(inputs)}};
}

/// Pods that miss a binding would start, and find out for themselves that they cannot serve.
bool is_bound(const Inputs& inputs) {
  using enum Component;
  return std::ranges::all_of(std::array{kDatabase, kCache, kMessaging}, [&](Component component) {
    return inputs.bindings.contains(component) || inputs.done_without.contains(component) ||
           !bindings::provider_of(inputs, component);
  });
}

/// Whether the operator is the one who says how many pods there are.
bool says_replicas(const Effective::Backend& backend) {
  return backend.autoscaling == AutoscalingType::kNone && !backend.keeps_replicas;
}

// `replicas` is not among the fields while an autoscaler keeps them, or nobody: initial_replicas() gives the
// first ones.
std::optional<Object> desired(const Inputs& inputs) {
  if (!is_bound(inputs)) return std::nullopt;
  const auto& backend = inputs.effective.backend;
  Object deployment{
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"spec",
       {{"selector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}},
        {"revisionHistoryLimit", 3},
        // A new pod must be ready before an old one goes, so that a roll-out costs no capacity.
        {"strategy",
         {{"type", "RollingUpdate"},
          {"rollingUpdate", {{"maxSurge", backend.max_surge}, {"maxUnavailable", 0}}}}},
        {"template",
         {{"metadata",
           {{"labels", labels_of(inputs.app, Component::kBackend)},
            {"annotations", template_annotations(inputs)}}},
          {"spec", pod(inputs)}}}}}};
  if (says_replicas(backend)) deployment["spec"]["replicas"] = backend.min_replicas;
  return deployment;
}

}  // namespace

std::optional<Object> initial_replicas(const Inputs& inputs) {
  const auto& backend = inputs.effective.backend;
  if (says_replicas(backend)) return std::nullopt;
  return Object{
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata",
       {{"name", child_name(inputs.app, Component::kBackend)}, {"namespace", inputs.app.key.namespace_}}},
      {"spec", {{"replicas", backend.min_replicas}}}};
}

const Child children::backend_deployment{.id = "backend_deployment",
                                         .kind = k8s::kinds::kDeployment,
                                         .component = Component::kBackend,
                                         .desired = desired,
                                         .ready = deployment_readiness};

}  // namespace promptsales::controllers
