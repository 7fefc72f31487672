#pragma once

#include <map>
#include <string>

#include "controllers/promptsales/child.hpp"

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
/// from being done.
[[nodiscard]] Object attempt_of(const Inputs& inputs, const std::string& task, const Attempt& attempt,
                                const std::string& command, std::map<std::string, std::string> bindings);

}  // namespace promptsales::controllers
