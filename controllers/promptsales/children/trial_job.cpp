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

template <Component component>
constexpr Child job_of(std::string_view id) {
  return {.id = id,
          .kind = k8s::kinds::kJob,
          .component = Component::kTask,
          .write = Child::Write::kCreateOnce,
          .desired = desired<component>,
          .ready = ready_when_present};
}

}  // namespace

const Child children::database_trial = job_of<Component::kDatabase>("database_trial");
const Child children::cache_trial = job_of<Component::kCache>("cache_trial");
const Child children::messaging_trial = job_of<Component::kMessaging>("messaging_trial");

}  // namespace promptsales::controllers
