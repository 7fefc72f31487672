#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/attempts.hpp"
#include "controllers/promptsales/child.hpp"
#include "controllers/promptsales/children.hpp"

namespace promptsales::controllers {

/// One command of the backend's program, run to its end.
struct BackendJob {
  std::string command;  ///< its first argument, and the name of the container
  std::string image;
  std::map<std::string, std::string> bindings;  ///< folder below /bindings → name of the Secret in it
};

/// The pod of such a Job. It runs as the backend's pods do, with their service account, and once: what an
/// attempt has said stays with its pod.
[[nodiscard]] Json pod_of(const Inputs& inputs, const BackendJob& job);

/// One attempt of a task (attempts.hpp), with the image that pods run: one that cannot be had must not keep it
/// from being done. One that has not ended by the deadline is ended.
[[nodiscard]] Object attempt_of(const Inputs& inputs, const std::string& task, const Attempt& attempt,
                                const std::string& command, std::map<std::string, std::string> bindings,
                                std::chrono::seconds deadline = kAttemptDeadline);

/// A child that a task consists of, an attempt or a Secret for it: made once, and asked for nothing but to be
/// there. What has come of it is told of the task.
constexpr Child task_child(std::string_view id, const k8s::Kind& kind,
                           std::optional<Object> (*desired)(const Inputs&)) {
  return {.id = id,
          .kind = kind,
          .component = Component::kTask,
          .write = Child::Write::kCreateOnce,
          .desired = desired,
          .ready = ready_when_present};
}

}  // namespace promptsales::controllers
