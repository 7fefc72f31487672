#pragma once

#include <string>
#include <vector>

#include "controllers/caches.hpp"
#include "controllers/promptsales/attempts.hpp"
#include "controllers/promptsales/pass.hpp"

namespace promptsales::controllers {

/// New entries of a binding are tried by a Job before pods get them, so that a wrong password is a sentence in
/// a condition and not a roll-out of pods that cannot serve.
///
/// The candidate lies in a Secret of its own, named by a hash of its content, and each attempt is a Job that
/// mounts it. When one succeeds, the binding Secret changes, and both go. When one fails, the binding stays as
/// it is, the component says why, and there is another attempt a little later. Other entries begin anew at
/// once.

/// Reasons of a component whose new entries are not in use.
inline constexpr std::string_view kBindingTrial = "BindingTrial";        ///< the first attempt is under way
inline constexpr std::string_view kBindingRejected = "BindingRejected";  ///< a service does not take them
inline constexpr std::string_view kBindingUntried = "BindingUntried";    ///< no attempt came to an end

/// "demo-trial-3f2a9c01de": the Secret of a candidate, and the task of trying it.
[[nodiscard]] std::string trial_name(const PromptSales& app, const bindings::Entries& entries);

/// How far the trial of a candidate is. `jobs` and `pods` may be any of the resource.
///
/// Threads  pure.
[[nodiscard]] TaskProgress progress_of_trial(const PromptSales& app, const bindings::Entries& candidate,
                                             const std::vector<Object>& jobs, const std::vector<Object>& pods,
                                             Clock::WallTime now);

/// The step after the providers were asked: a candidate that has to be tried and has not passed gets a problem
/// and is in `pass.inputs.trials`.
///
/// Not tried are the entries that exist already, those of a resource without a backend, which nobody uses
/// yet, and those that the binding Secret was last written with: it has been changed by others, and is
/// repaired at once.
///
/// Errors   a cache that is not complete: then nothing may be concluded from what it lacks.
[[nodiscard]] Result<void> try_candidates(Pass& pass, const Caches& caches, const Clock& clock);

}  // namespace promptsales::controllers
