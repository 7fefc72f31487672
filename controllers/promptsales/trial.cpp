#include "controllers/promptsales/trial.hpp"

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/child_writer.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

using bindings::Entries;

constexpr std::size_t kHashDigits = 10;

const Child& binding_of(Component component) {
  if (component == Component::kDatabase) return children::database_binding;
  return component == Component::kCache ? children::cache_binding : children::messaging_binding;
}

/// Whether the binding Secret was written with these entries, and somebody has changed it since.
bool was_in_use(const Pass& pass, const Caches& caches, Component component, const Entries& entries) {
  Inputs inputs = pass.inputs;
  inputs.bindings[component] = entries;
  const auto desired = binding_of(component).desired(inputs);
  const auto live = caches.of(k8s::kinds::kSecret).find(k8s::key_of(*desired));
  return live && was_applied(live->document(), *desired);
}

/// A server of ours that has just been asked for: it has to be there before anything can be tried.
std::optional<Error> server_missing(const Pass& pass, const Caches& caches, Component component,
                                    const Entries& candidate) {
  if (bindings::value_of(candidate, "provider") != bindings::kEmbedded) return std::nullopt;
  const std::string name = child_name(pass.app, component);
  const auto server = caches.of(k8s::kinds::kStatefulSet).find({pass.app.key.namespace_, name});
  if (server && k8s::integer_at(server->document(), {"status", "readyReplicas"}) > 0) return std::nullopt;
  return Error{Remedy::kWaitForChange, std::string{kBindingTrial},
               "pods go on with the former entries until StatefulSet " + name + ", the new server, serves"};
}

}  // namespace

std::string trial_name(const PromptSales& app, const Entries& entries) {
  return app.key.name + "-trial-" + k8s::digest_of(entries).substr(0, kHashDigits);
}

TaskProgress progress_of_trial(const PromptSales& app, const Entries& candidate,
                               const std::vector<Object>& jobs, const std::vector<Object>& pods,
                               Clock::WallTime now) {
  const TaskWords words{.under_way = kBindingTrial,
                        .refused = kBindingRejected,
                        .unfinished = kBindingUntried,
                        .does = "tries the new entries; pods go on with the former ones meanwhile",
                        .failed = "the new entries are not in use, and pods go on with the former ones",
                        .again = "they are tried again every minute, and at once when they change"};
  return progress_of(app, trial_name(app, candidate), jobs, pods, words, now);
}

Result<void> try_candidates(Pass& pass, const Caches& caches, const Clock& clock) {
  for (auto& [component, binding] : pass.bindings) {
    const bool differs = binding.candidate && binding.existing && *binding.candidate != *binding.existing;
    if (!differs || binding.problem) continue;
    for (const auto* kind :
         {&k8s::kinds::kDeployment, &k8s::kinds::kStatefulSet, &k8s::kinds::kJob, &k8s::kinds::kPod})
      if (auto known = caches.complete(*kind); !known) return known;
    if (!pass.deployment || was_in_use(pass, caches, component, *binding.candidate)) continue;
    if (auto missing = server_missing(pass, caches, component, *binding.candidate)) {
      binding.problem = std::move(missing);
      continue;
    }
    auto progress = progress_of_trial(pass.app, *binding.candidate, owned(caches, pass.app, k8s::kinds::kJob),
                                      owned(caches, pass.app, k8s::kinds::kPod), clock.wall());
    binding.problem = std::move(progress.problem);
    if (!binding.problem) continue;
    pass.inputs.trials[component] = {*binding.candidate, std::move(progress.attempt)};
    if (progress.look_again) pass.look_again_in(*progress.look_again);
  }
  return {};
}

}  // namespace promptsales::controllers
