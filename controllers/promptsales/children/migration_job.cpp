#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/migration.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kBackendUser = 65532;
// 10 s, 20 s, ... between them, and up to two minutes each where the database does not answer: some ten to 25 minutes
// in all, after which it is made anew (migration.hpp).
constexpr int kAttempts = 6;

Json container(const Inputs& inputs) {
  return {
      {"name", "migrate"},
      {"image", inputs.effective.backend.image},
      {"imagePullPolicy", "IfNotPresent"},
      {"args", Json::array({"migrate"})},
      {"env", Json::array({{{"name", "SERVICE_BINDING_ROOT"}, {"value", "/bindings"}}})},
      {"resources", {{"requests", {{"cpu", "50m"}, {"memory", "64Mi"}}}, {"limits", {{"memory", "128Mi"}}}}},
      {"securityContext", container_security()},
      {"volumeMounts",
       Json::array(
           {{{"name", "binding-database"}, {"mountPath", "/bindings/database"}, {"readOnly", true}}})}};
}

Json pod(const Inputs& inputs) {
  const auto secret = child_name(inputs.app, Component::kDatabase) + "-binding";
  return {{"restartPolicy", "Never"},  // what an attempt has said stays with its pod
          {"serviceAccountName", child_name(inputs.app, Component::kBackend)},
          {"automountServiceAccountToken", false},
          {"enableServiceLinks", false},
          {"securityContext", pod_security(kBackendUser)},
          {"containers", Json::array({container(inputs)})},
          {"volumes", Json::array({{{"name", "binding-database"},
                                    {"secret", {{"secretName", secret}, {"defaultMode", 0440}}}}})}};
}

// A refused downgrade stays refused, however often it is tried.
Json failure_policy() {
  return {{"rules", Json::array({{{"action", "FailJob"},
                                  {"onExitCodes",
                                   {{"containerName", "migrate"},
                                    {"operator", "In"},
                                    {"values", Json::array({kSchemaNewer})}}}}})}};
}

std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.bindings.contains(Component::kDatabase)) return std::nullopt;
  Json metadata = metadata_of(inputs.app, Component::kMigration, migration_job_name(inputs));
  metadata["annotations"] = {{kMigratedBinding, migrated_binding(inputs)}};
  return Object{{"apiVersion", "batch/v1"},
                {"kind", "Job"},
                {"metadata", std::move(metadata)},
                {"spec",
                 {{"backoffLimit", kAttempts},
                  {"podFailurePolicy", failure_policy()},
                  {"template",
                   {{"metadata", {{"labels", labels_of(inputs.app, Component::kMigration)}}},
                    {"spec", pod(inputs)}}}}}};
}

}  // namespace

// Never written again: the server refuses another template, and what has run has run.
const Child children::migration_job{.id = "migration_job",
                                    .kind = k8s::kinds::kJob,
                                    .component = Component::kMigration,
                                    .write = Child::Write::kCreateOnce,
                                    .desired = desired,
                                    .ready = migration_readiness};

}  // namespace promptsales::controllers
