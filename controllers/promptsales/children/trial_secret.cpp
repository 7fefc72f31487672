#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_job.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/trial.hpp"

namespace promptsales::controllers {
namespace {

// One for each content, so that a Job tries what its name says even if the candidate changes meanwhile.
template <Component component>
std::optional<Object> desired(const Inputs& inputs) {
  const auto trial = inputs.trials.find(component);
  if (trial == inputs.trials.end()) return std::nullopt;
  const auto& entries = trial->second.entries;
  const std::string name = trial_name(inputs.app, entries);
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", metadata_of(inputs.app, Component::kTask, name)},
                {"type", "Opaque"},
                {"immutable", true},
                {"data", bindings::secret_data(bindings::for_pods(entries))}};
}

}  // namespace

const Child children::database_trial_secret =
    task_child("database_trial_secret", k8s::kinds::kSecret, desired<Component::kDatabase>);
const Child children::cache_trial_secret =
    task_child("cache_trial_secret", k8s::kinds::kSecret, desired<Component::kCache>);
const Child children::messaging_trial_secret =
    task_child("messaging_trial_secret", k8s::kinds::kSecret, desired<Component::kMessaging>);

}  // namespace promptsales::controllers
