#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

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

/// A cluster without metrics keeps the replicas it has; that is worth saying, and no reason to be not ready.
Readiness ready(const Object& autoscaler, const Inputs&, const Observed&) {
  const Json* conditions = k8s::at_path(autoscaler, {"status", "conditions"});
  if (!conditions)
    return {Readiness::State::kProgressing, "AutoscalerStarting",
            "the autoscaler has not looked at the Deployment yet"};
  for (const Json& condition : *conditions)
    if (k8s::string_at(condition, {"type"}) == "ScalingActive" &&
        k8s::string_at(condition, {"status"}) != "True")
      return {Readiness::State::kProgressing, k8s::string_at(condition, {"reason"}, "ScalingInactive"),
              "the autoscaler cannot scale: " + k8s::string_at(condition, {"message"}) +
                  "; if it stays, install metrics-server or set spec.backend.autoscaling.type to None"};
  return {};
}

}  // namespace

const Child children::backend_autoscaler{.id = "backend_autoscaler",
                                         .kind = k8s::kinds::kHorizontalPodAutoscaler,
                                         .component = Component::kBackend,
                                         .desired = desired,
                                         .ready = ready};

}  // namespace promptsales::controllers
