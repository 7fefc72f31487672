#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "controllers/caches.hpp"
#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// A command of the backend's program that is run until it succeeds. Each attempt is a Job, "<task>-<n>", of
/// one pod. The operator says when there is another one: it knows when there need be none any more, and the
/// cause of a failure may be mended where nothing can be watched. The next attempt carries the words of the
/// one before, so that what is said of the task does not come and go.

/// Annotations of a Job: reason and message of the attempt before.
inline constexpr const char* kFormerReason = "promptsales.io/former-reason";
inline constexpr const char* kFormerMessage = "promptsales.io/former-message";

/// An attempt that has not ended after this long will not: connecting takes five seconds at most.
inline constexpr std::chrono::seconds kAttemptDeadline{60};

/// How long after the failure of attempt `n`, from 1, the next one begins: 10 s, doubling to a minute.
[[nodiscard]] std::chrono::seconds pause_after(unsigned attempt);

/// "demo-trial-3f2a9c01de-2". Attempts are counted to 9999 and then from 1, so that names are bounded.
[[nodiscard]] std::string attempt_name(const std::string& task, const Attempt& attempt);

/// What to say of a task. Reasons are CamelCase; sentences begin and end without a mark.
struct TaskWords {
  std::string_view under_way;   ///< reason while the first attempt goes on
  std::string_view refused;     ///< reason when the program has failed
  std::string_view unfinished;  ///< reason when no attempt came to an end
  std::string does;             ///< after "Job x ": "tries the new entries; pods go on meanwhile"
  std::string failed;           ///< before the cause: "the new entries are not in use"
  std::string again;            ///< after it: "they are tried again every minute"
};

/// How far a task is.
struct TaskProgress {
  Attempt attempt;               ///< the one to have
  std::optional<Error> problem;  ///< why it is not done, for a condition; nothing: it has succeeded
  std::optional<std::chrono::milliseconds> look_again;  ///< when the next attempt is due
};

/// `jobs` and `pods` may be any of the resource.
///
/// Threads  pure.
[[nodiscard]] TaskProgress progress_of(const PromptSales& app, const std::string& task,
                                       const std::vector<Object>& jobs, const std::vector<Object>& pods,
                                       const TaskWords& words, Clock::WallTime now);

/// What the caches hold of a resource's pods, or of what it owns of another kind.
[[nodiscard]] std::vector<Object> owned(const Caches& caches, const PromptSales& app, const k8s::Kind& kind);

}  // namespace promptsales::controllers
