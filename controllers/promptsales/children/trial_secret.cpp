#include "controllers/promptsales/children.hpp"
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
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", metadata_of(inputs.app, Component::kTask, trial_name(inputs.app, entries))},
                {"type", "Opaque"},
                {"immutable", true},
                {"data", bindings::secret_data(entries)}};
}

template <Component component>
constexpr Child secret_of(std::string_view id) {
  return {.id = id,
          .kind = k8s::kinds::kSecret,
          .component = Component::kTask,
          .write = Child::Write::kCreateOnce,
          .desired = desired<component>,
          .ready = ready_when_present};
}

}  // namespace

const Child children::database_trial_secret = secret_of<Component::kDatabase>("database_trial_secret");
const Child children::cache_trial_secret = secret_of<Component::kCache>("cache_trial_secret");
const Child children::messaging_trial_secret = secret_of<Component::kMessaging>("messaging_trial_secret");

}  // namespace promptsales::controllers
