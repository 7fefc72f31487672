#include "controllers/promptsales/children/backend_autoscaler.hpp"

#include <algorithm>

#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/status.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kStepSeconds = 60;

// By the CPU of the container `backend` alone, so that what runs beside it does not dilute the signal. Down
// by a tenth or two pods a minute, whichever is less: a backend is cheaper than a request that fails.
Json scale_down(const Effective::Backend& backend) {
  return {{"stabilizationWindowSeconds", backend.scale_down_window_seconds},
          {"selectPolicy", "Min"},
          {"policies", Json::array({{{"type", "Percent"}, {"value", 10}, {"periodSeconds", kStepSeconds}},
                                    {{"type", "Pods"}, {"value", 2}, {"periodSeconds", kStepSeconds}}})}};
}

// By the same signal and at the same pace as without KEDA, and by the requests where it is known who counts them.
// What KEDA cannot ask for is not taken for none: no pod goes for lack of an answer.
Json triggers(const Inputs& inputs) {
  const auto& backend = inputs.effective.backend;
  Json all = Json::array(
      {{{"type", "cpu"},
        {"metricType", "Utilization"},
        {"metadata",
         {{"value", std::to_string(backend.target_cpu_utilization)}, {"containerName", "backend"}}}}});
  if (inputs.request_metrics) {
    const std::string pods = R"(namespace=")" + inputs.app.key.namespace_ + R"(",pod=~")" +
                             child_name(inputs.app, Component::kBackend) + R"(-.+")";
    all.push_back({{"type", "prometheus"},
                   {"metricType", "AverageValue"},
                   {"metadata",
                    {{"serverAddress", inputs.request_metrics->prometheus},
                     {"query", "sum(rate(http_server_request_duration_seconds_count{" + pods + "}[2m]))"},
                     {"threshold", std::to_string(inputs.request_metrics->requests_per_second)},
                     {"ignoreNullValues", "false"}}}});
  }
  return all;
}

std::optional<Object> scaled_object(const Inputs& inputs) {
  const auto& backend = inputs.effective.backend;
  if (backend.autoscaling != AutoscalingType::kKeda) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kBackend);
  return Object{{"apiVersion", "keda.sh/v1alpha1"},
                {"kind", "ScaledObject"},
                {"metadata", metadata_of(inputs.app, Component::kBackend, name)},
                {"spec",
                 {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
                  {"minReplicaCount", backend.min_replicas},
                  {"maxReplicaCount", backend.max_replicas},
                  {"advanced",
                   {{"horizontalPodAutoscalerConfig", {{"behavior", {{"scaleDown", scale_down(backend)}}}}}}},
                  {"triggers", triggers(inputs)}}}};
}

/// As for the autoscaler of Kubernetes.
Readiness scaled_object_ready(const Object& object, const Inputs&, const Observed&) {
  using enum Readiness::State;
  const Json* ready = k8s::condition_of(object, "Ready");
  const std::string status = ready ? k8s::string_at(*ready, {"status"}) : "";
  if (status == "True") return {};
  if (status == "False")  // Unknown until it has been looked at
    return {kProgressing, k8s::string_at(*ready, {"reason"}, "ScalingInactive"),
            "KEDA cannot scale: " + k8s::string_at(*ready, {"message"}) +
                "; if it stays, kubectl describe scaledobject says more"};
  return {kProgressing, "AutoscalerStarting", "KEDA has not looked at the Deployment yet"};
}

std::optional<Object> desired(const Inputs& inputs) {
  const auto& backend = inputs.effective.backend;
  if (backend.autoscaling != AutoscalingType::kHpa) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kBackend);
  const Json cpu{
      {"type", "ContainerResource"},
      {"containerResource",
       {{"name", "cpu"},
        {"container", "backend"},
        {"target", {{"type", "Utilization"}, {"averageUtilization", backend.target_cpu_utilization}}}}}};
  return Object{{"apiVersion", "autoscaling/v2"},
                {"kind", "HorizontalPodAutoscaler"},
                {"metadata", metadata_of(inputs.app, Component::kBackend, name)},
                {"spec",
                 {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
                  {"minReplicas", backend.min_replicas},
                  {"maxReplicas", backend.max_replicas},
                  {"metrics", Json::array({cpu})},
                  {"behavior", {{"scaleDown", scale_down(backend)}}}}}};
}

/// A new pod has no metrics before they have been taken twice; nobody misses them until then.
constexpr std::chrono::seconds kMetricsTake{90};

std::string remedy_for(const std::string& reason, const std::string& message) {
  if (reason == "ScalingDisabled") return "scale the Deployment to at least one replica";
  if (reason == "FailedGetScale" || reason == "FailedUpdateScale") return "kubectl describe hpa says more";
  if (message.contains("unable to fetch metrics") || message.contains("no metrics returned"))
    return "install metrics-server or set spec.backend.autoscaling.type to None";
  return "check that the pods get ready and that metrics-server measures them (kubectl top pods)";
}

/// When the youngest pod of the backend was made.
std::optional<Clock::WallTime> newest_pod(const Observed& observed) {
  std::optional<Clock::WallTime> newest;
  for (const Object& pod : observed.pods)
    if (component_of(pod) == Component::kBackend && !k8s::at_path(pod, {"metadata", "deletionTimestamp"}))
      newest = std::max(newest, k8s::parse_time(k8s::string_at(pod, {"metadata", "creationTimestamp"})));
  return newest;
}

/// Whether what is wrong is that metrics are missing, which are served.
bool lacks_samples(const Json& condition) {
  const std::string reason = k8s::string_at(condition, {"reason"});
  return k8s::string_at(condition, {"type"}) == "ScalingActive" &&
         k8s::string_at(condition, {"status"}) != "True" && reason.starts_with("FailedGet") &&
         reason.ends_with("Metric") &&
         !k8s::string_at(condition, {"message"}).contains("unable to fetch metrics");
}

/// How much longer they may be missing because a pod is new; nothing if that is no reason, or none any more.
std::optional<std::chrono::milliseconds> may_come_within(const Json& condition, const Observed& observed) {
  const auto newest = lacks_samples(condition) ? newest_pod(observed) : std::nullopt;
  if (!newest) return std::nullopt;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(*newest + kMetricsTake - observed.now);
  return left.count() > 0 ? std::optional{left} : std::nullopt;
}

/// While new pods have no metrics, what was said before stands.
Readiness before_metrics(const PromptSales& app) {
  if (condition_status(app.status, "AutoscalingActive") == "True") return {};
  return {Readiness::State::kProgressing, "AutoscalerStarting",
          "the autoscaler waits for the first metrics of new pods, which take up to 90 s"};
}

/// A cluster without metrics keeps the replicas it has; that is worth saying, and no reason to be not ready.
Readiness ready(const Object& autoscaler, const Inputs& inputs, const Observed& observed) {
  using enum Readiness::State;
  bool is_active = false;
  const Json* conditions = k8s::at_path(autoscaler, {"status", "conditions"});
  for (const Json& condition : conditions ? *conditions : Json::array()) {
    const std::string type = k8s::string_at(condition, {"type"});
    if (type != "AbleToScale" && type != "ScalingActive") continue;
    is_active |= type == "ScalingActive";
    if (k8s::string_at(condition, {"status"}) == "True") continue;
    const std::string reason = k8s::string_at(condition, {"reason"}, "ScalingInactive");
    const std::string message = k8s::string_at(condition, {"message"});
    if (may_come_within(condition, observed)) return before_metrics(inputs.app);
    return {kProgressing, reason,
            "the autoscaler cannot scale: " + message + "; if it stays, " + remedy_for(reason, message)};
  }
  if (is_active) return {};
  return {kProgressing, "AutoscalerStarting", "the autoscaler has not looked at the Deployment yet"};
}

}  // namespace

std::optional<std::chrono::milliseconds> metrics_awaited(const Inputs& inputs, const Observed& observed) {
  const Object* autoscaler =
      observed.find(k8s::kinds::kHorizontalPodAutoscaler, child_name(inputs.app, Component::kBackend));
  const Json* active = autoscaler ? k8s::condition_of(*autoscaler, "ScalingActive") : nullptr;
  return active ? may_come_within(*active, observed) : std::nullopt;
}

const Child children::backend_autoscaler{.id = "backend_autoscaler",
                                         .kind = k8s::kinds::kHorizontalPodAutoscaler,
                                         .component = Component::kBackend,
                                         .desired = desired,
                                         .ready = ready};
const Child children::backend_scaled_object{.id = "backend_scaled_object",
                                            .kind = kScaledObject,
                                            .component = Component::kBackend,
                                            .desired = scaled_object,
                                            .ready = scaled_object_ready};

}  // namespace promptsales::controllers
