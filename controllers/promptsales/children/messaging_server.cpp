#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "controllers/promptsales/volume.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kNatsUser = 999;  // the image asks for none of its own

Json container(const Inputs& inputs) {
  return {{"name", "nats"},
          {"image", inputs.images.nats},
          {"imagePullPolicy", "IfNotPresent"},
          {"command", Json::array({"nats-server"})},
          {"args", Json::array({"--config", "/credentials/nats.conf"})},
          {"ports",
           Json::array({{{"name", "nats"}, {"containerPort", bindings::kMessagingPort}, {"protocol", "TCP"}},
                        {{"name", "monitor"}, {"containerPort", 8222}, {"protocol", "TCP"}}})},
          {"resources", resources_of(inputs.effective.messaging.resources)},
          {"securityContext", container_security()},
          {"startupProbe",
           http_probe("monitor", "/healthz", 1, 300)},  // reading the streams of a large volume takes minutes
          {"readinessProbe", http_probe("monitor", "/healthz", 5, 3)},
          {"livenessProbe", http_probe("monitor", "/healthz?js-server-only=true", 10, 6)},
          {"volumeMounts",
           Json::array({{{"name", "data"}, {"mountPath", "/data"}},
                        {{"name", "credentials"}, {"mountPath", "/credentials"}, {"readOnly", true}}})}};
}

Json pod(const Inputs& inputs) {
  const std::string name = child_name(inputs.app, Component::kMessaging);
  return {
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", pod_security(kNatsUser)},
      {"terminationGracePeriodSeconds", 60},
      {"containers", Json::array({container(inputs)})},
      {"volumes",
       Json::array({{{"name", "credentials"}, {"secret", {{"secretName", name}, {"defaultMode", 0440}}}}})}};
}

// Messages outlive the StatefulSet: they go only when somebody deletes the claim.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.messaging) return std::nullopt;
  Object server =
      single_server(inputs.app, Component::kMessaging, pod(inputs),
                    {{kMessagingFile, k8s::digest_of({{"nats.conf", messaging_configuration(inputs)}})}});
  keep_data(server, inputs.app, Component::kMessaging,
            inputs.messaging_volume_made_with.value_or(inputs.effective.messaging.storage),
            inputs.effective.messaging.storage_class_name);
  return server;
}

Readiness ready(const Object& server, const Inputs& inputs, const Observed& observed) {
  Readiness serves = stateful_set_readiness(server, inputs, observed);
  return serves.ready() ? volume_readiness(inputs, observed, Component::kMessaging) : serves;
}

}  // namespace

const Child children::messaging_server{.id = "messaging_server",
                                       .kind = k8s::kinds::kStatefulSet,
                                       .component = Component::kMessaging,
                                       .desired = desired,
                                       .ready = ready};

}  // namespace promptsales::controllers
