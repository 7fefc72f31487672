#pragma once

#include <map>
#include <string>
#include <string_view>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

inline constexpr int kAdminPort = 9090;  ///< /healthz, /readyz, /metrics; not in the Service
inline constexpr int kDrainSeconds =
    5;  ///< a stopping pod goes on serving this long, until no proxy sends it requests

/// The public API's port: HTTPS on 8443, behind 443 of the Service, or with spec.tls.type Disabled plain HTTP
/// on 8080, behind 80.
struct PublicPort {
  std::string_view name;  ///< of the container's and the Service's port, and the scheme of URLs: "https"
  int container;
  int service;
};
[[nodiscard]] PublicPort public_port(const Inputs& inputs);

/// Where the public API is inside the cluster: "https://demo-backend.shop.svc".
[[nodiscard]] std::string public_url(const Inputs& inputs);

inline constexpr std::string_view kTlsFolder = "/tls";  ///< where pods have tls.crt, tls.key and ca.crt

/// The backend's environment that follows from the resource: what its ConfigMap holds.
[[nodiscard]] std::map<std::string, std::string> backend_settings(const Inputs& inputs);

}  // namespace promptsales::controllers
