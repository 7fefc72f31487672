#pragma once

#include <string>
#include <string_view>

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

inline constexpr std::string_view kLoginRefused = "LoginRefused";
inline constexpr std::string_view kUnreachable = "Unreachable";
/// What a program may tell apart of any failure to use a service, for whoever is to be woken up: "LoginRefused", it is
/// there and does not let this user in; "Unreachable", it is away, and waiting may help; "" for everything else (TLS,
/// a database that does not exist, a server that is full), which the sentence alone tells.
[[nodiscard]] std::string_view cause_of(const Error& error);

}  // namespace promptsales::backend::connect_errors
