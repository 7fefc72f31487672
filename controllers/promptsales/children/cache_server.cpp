#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kValkeyUser = 999;  // of the valkey image, ours and the public one

// A TCP probe: the server answers connections only when it serves, and a command would need the password.
Json probe(int period, int failures) {
  return {{"tcpSocket", {{"port", "redis"}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 3},
          {"failureThreshold", failures}};
}

Json container(const Inputs& inputs) {
  const auto& cache = inputs.effective.cache;
  return {{"name", "valkey"},
          {"image", inputs.images.valkey},
          {"imagePullPolicy", "IfNotPresent"},
          {"command", Json::array({"valkey-server"})},
          {"args", Json::array({"--port", std::to_string(bindings::kCachePort), "--bind", "*", "--aclfile",
                                "/credentials/users.acl", "--save", "", "--appendonly", "no", "--dir",
                                "/data", "--maxmemory", std::to_string(cache.maxmemory_bytes),
                                "--maxmemory-policy", "allkeys-lfu"})},
          {"ports",
           Json::array({{{"name", "redis"}, {"containerPort", bindings::kCachePort}, {"protocol", "TCP"}}})},
          {"resources", resources_of(cache.resources)},
          {"securityContext", container_security()},
          {"readinessProbe", probe(2, 3)},
          {"livenessProbe", probe(10, 6)},
          {"volumeMounts",
           Json::array({{{"name", "data"}, {"mountPath", "/data"}},
                        {{"name", "credentials"}, {"mountPath", "/credentials"}, {"readOnly", true}}})}};
}

Json pod(const Inputs& inputs) {
  const std::string name = child_name(inputs.app, Component::kCache);
  return {
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", pod_security(kValkeyUser)},
      {"containers", Json::array({container(inputs)})},
      {"volumes",
       Json::array({{{"name", "data"}, {"emptyDir", Json::object()}},
                    {{"name", "credentials"}, {"secret", {{"secretName", name}, {"defaultMode", 0440}}}}})}};
}

// A cache keeps nothing: no volume, and what does not fit is evicted. Valkey reads its users at start only,
// so a changed password replaces the pod, unless it was told of it (rotation.hpp).
std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_cache(inputs)) return std::nullopt;
  const auto digest = inputs.cache_made_with.value_or(k8s::digest_of(bindings::embedded_cache(inputs)));
  return single_server(inputs.app, Component::kCache, pod(inputs),
                       {{"promptsales.io/binding-hash-cache", digest}});
}

}  // namespace

const Child children::cache_server{.id = "cache_server",
                                   .kind = k8s::kinds::kStatefulSet,
                                   .component = Component::kCache,
                                   .desired = desired,
                                   .ready = stateful_set_readiness};

}  // namespace promptsales::controllers
