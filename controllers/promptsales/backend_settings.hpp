#pragma once

#include <map>
#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

inline constexpr int kHttpPort = 8080;   ///< REST, plain while TLS is Disabled
inline constexpr int kAdminPort = 9090;  ///< /healthz, /readyz, /metrics; not in the Service
inline constexpr int kDrainSeconds =
    5;  ///< a stopping pod goes on serving this long, until no proxy sends it requests

/// The backend's environment that follows from the resource: what its ConfigMap holds.
[[nodiscard]] std::map<std::string, std::string> backend_settings(const Inputs& inputs);

}  // namespace promptsales::controllers
