#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_job.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/trial.hpp"

namespace promptsales::controllers {
namespace {

template <Component component>
std::optional<Object> desired(const Inputs& inputs) {
  const auto trial = inputs.trials.find(component);
  if (trial == inputs.trials.end()) return std::nullopt;
  const std::string name = trial_name(inputs.app, trial->second.entries);
  return attempt_of(inputs, name, trial->second.attempt, "check", {{std::string{text_of(component)}, name}});
}

}  // namespace

const Child children::database_trial =
    task_child("database_trial", k8s::kinds::kJob, desired<Component::kDatabase>);
const Child children::cache_trial = task_child("cache_trial", k8s::kinds::kJob, desired<Component::kCache>);
const Child children::messaging_trial =
    task_child("messaging_trial", k8s::kinds::kJob, desired<Component::kMessaging>);

}  // namespace promptsales::controllers
