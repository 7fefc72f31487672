#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_job.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/migration.hpp"

namespace promptsales::controllers {
namespace {

// 10 s, 20 s, ... between them, and up to two minutes each where the database does not answer: some ten to 25 minutes
// in all, after which it is made anew (migration.hpp).
constexpr int kAttempts = 6;

Json pod(const Inputs& inputs) {
  return pod_of(inputs,
                {.command = "migrate",
                 .image = inputs.effective.backend.image,
                 .bindings = {{"database", child_name(inputs.app, Component::kDatabase) + "-binding"}}});
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
