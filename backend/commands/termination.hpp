#pragma once

#include <string>
#include <string_view>

namespace promptsales::backend {

/// Where Kubernetes takes a container's last words from.
inline constexpr auto kTerminationLog = "/dev/termination-log";

/// Leaves one sentence in the file if there is such a file (Kubernetes makes it); 4096 bytes at most, as
/// Kubernetes keeps no more. It becomes part of the pod's status, so it holds no secret.
void leave_message(const std::string& file, std::string_view sentence);

}  // namespace promptsales::backend
