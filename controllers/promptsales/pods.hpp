#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// Why pods of a component do not work, if one of them says so: the cause that a person can act on, worst
/// first.
///
///   ImagePullFailed        the image of a container cannot be had
///   ContainerConfigError   a Secret, ConfigMap or key that a container needs is missing
///   CrashLoop              a container ends again and again: exit code, or that it ran out of memory
///   Unschedulable          no node takes the pod, with the scheduler's count of what is short
///
/// Nothing if no pod is in such a state: then what is under way needs time, not a person.
/// Threads  pure.
[[nodiscard]] std::optional<Readiness> pod_failure(const std::vector<Object>& pods, const PromptSales& app,
                                                   Component component);

/// Since when the scheduler has found no node for a pod of the component: of the one that it turned to last.
/// Nothing if all have one.
///
/// Threads  pure.
[[nodiscard]] std::optional<Clock::WallTime> unschedulable_since(const std::vector<Object>& pods,
                                                                 const PromptSales& app, Component component);

/// The image of a container, or init container, of this name in the spec of a pod or of its template; empty if
/// there is none, or no spec (nullptr).
///
/// Threads  pure.
[[nodiscard]] std::string image_of(const Json* pod_spec, std::string_view container);

/// How a container of one of these pods failed last.
struct LastWords {
  std::string finished_at;
  std::int64_t exit_code = 0;
  std::string message;

  /// For a person: the message, or that there was none.
  [[nodiscard]] std::string text() const;
};

/// Of pods that run to their end; nothing if none has failed, or it is gone.
///
/// Threads  pure.
[[nodiscard]] std::optional<LastWords> last_words(const std::vector<Object>& pods);

/// Whether a component has pods that are not on their way out.
[[nodiscard]] bool has_pods(const std::vector<Object>& pods, const PromptSales& app, Component component);

/// NotAnswering: a pod of the component was ready since its container runs, and is not any more.
///
/// Threads  pure.
[[nodiscard]] std::optional<Readiness> fallen_silent(const std::vector<Object>& pods, const PromptSales& app,
                                                     Component component);

/// The image that the backend's ready pods run, not the one that they should: during a roll-out that of most
/// of them, empty when none is ready.
[[nodiscard]] std::string running_image(const std::vector<Object>& pods, const PromptSales& app);

}  // namespace promptsales::controllers
