#include "controllers/promptsales/children/backend_job.hpp"

#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kBackendUser = 65532;
/// The operator takes a Job away itself. Those that it cannot, because it does not run, go after this long.
constexpr std::chrono::seconds kForgottenAfter{600};

}  // namespace

Json pod_of(const Inputs& inputs, const BackendJob& job) {
  Json mounts = Json::array();
  Json volumes = Json::array();
  for (const auto& [folder, secret] : job.bindings) {
    const std::string volume = "binding-" + folder;
    mounts.push_back({{"name", volume}, {"mountPath", "/bindings/" + folder}, {"readOnly", true}});
    volumes.push_back({{"name", volume}, {"secret", {{"secretName", secret}, {"defaultMode", 0440}}}});
  }
  const Json container{
      {"name", job.command},
      {"image", job.image},
      {"imagePullPolicy", "IfNotPresent"},
      {"args", Json::array({job.command})},
      {"env", Json::array({{{"name", "SERVICE_BINDING_ROOT"}, {"value", "/bindings"}}})},
      {"resources", {{"requests", {{"cpu", "50m"}, {"memory", "64Mi"}}}, {"limits", {{"memory", "128Mi"}}}}},
      {"securityContext", container_security()},
      {"volumeMounts", std::move(mounts)}};
  return {{"restartPolicy", "Never"},
          {"serviceAccountName", child_name(inputs.app, Component::kBackend)},
          {"automountServiceAccountToken", false},
          {"enableServiceLinks", false},
          {"securityContext", pod_security(kBackendUser)},
          {"containers", Json::array({container})},
          {"volumes", std::move(volumes)}};
}

Object attempt_of(const Inputs& inputs, const std::string& task, const Attempt& attempt,
                  const std::string& command, std::map<std::string, std::string> bindings,
                  std::chrono::seconds deadline) {
  Json metadata = metadata_of(inputs.app, Component::kTask, attempt_name(task, attempt));
  if (!attempt.reason.empty())
    metadata["annotations"] = {{kFormerReason, attempt.reason}, {kFormerMessage, attempt.message}};
  const std::string image = inputs.held_image.value_or(inputs.effective.backend.image);
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", std::move(metadata)},
          {"spec",
           {{"backoffLimit", 0},
            {"activeDeadlineSeconds", deadline.count()},
            {"ttlSecondsAfterFinished", kForgottenAfter.count()},
            {"template",
             {{"metadata", {{"labels", labels_of(inputs.app, Component::kTask)}}},
              {"spec", pod_of(inputs, {command, image, std::move(bindings)})}}}}}};
}

}  // namespace promptsales::controllers
