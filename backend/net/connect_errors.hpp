#pragma once

#include <string>

#include "base/error.hpp"

/// Why a service cannot be used, told the same way for every kind of service: the reason for a machine, one
/// sentence for a person that names entries of the binding, never their values.
///
/// Remedy  kRetryWithBackoff where waiting may help, kWaitForSpecChange where somebody must change the
///         binding or the server.
namespace promptsales::backend::connect_errors {

[[nodiscard]] Error host_not_found();
[[nodiscard]] Error connection_refused();
[[nodiscard]] Error no_answer();
[[nodiscard]] Error unreachable(const std::string& why);
[[nodiscard]] Error connection_lost();
[[nodiscard]] Error wrong_password();
[[nodiscard]] Error missing_password();
[[nodiscard]] Error no_tls();
[[nodiscard]] Error tls_required();
[[nodiscard]] Error tls_failed(const char* why);
[[nodiscard]] Error not_trusted(const std::string& why);
[[nodiscard]] Error wrong_name();
[[nodiscard]] Error bad_ca();
[[nodiscard]] Error no_permission(const std::string& what);

}  // namespace promptsales::backend::connect_errors
