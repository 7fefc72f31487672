#pragma once

#include <string>
#include <string_view>

#include "base/http_message.hpp"
#include "base/result.hpp"

namespace promptsales::k8s {

/// Reasons that code branches on; the API server's own reasons are passed on as they are.
inline constexpr std::string_view kNotFound = "NotFound";
inline constexpr std::string_view kForbidden = "Forbidden";
inline constexpr std::string_view kAlreadyExists = "AlreadyExists";
inline constexpr std::string_view kConflict = "Conflict";
inline constexpr std::string_view kInvalid = "Invalid";
inline constexpr std::string_view kExpired = "Expired";
inline constexpr std::string_view kNamespaceTerminating = "NamespaceTerminating";

/// Remedy for a status code. Source: kubernetes/community api-conventions.md#http-status-codes.
[[nodiscard]] constexpr Remedy remedy_for_status(int http) noexcept {
  switch (http) {
    case 409:
    case 410:
      return Remedy::kReadAgain;  // stale copy; expired watch window
    case 400:
    case 422:
      return Remedy::kWaitForSpecChange;  // the same bytes will fail again
    default:
      return Remedy::kRetryWithBackoff;  // 401 and 403 too: permissions can be repaired
  }
}

/// The body of a 2xx response, or the failure that the server's Status object describes: its reason
/// (Forbidden, Conflict …) and its message, bounded to 1 KiB. 410 is always kExpired; a refusal because the
/// namespace is being deleted is kNamespaceTerminating. Retry-After is honoured.
[[nodiscard]] Result<std::string> body_of(HttpResponse response);

/// The same failure from the pieces, for streams.
[[nodiscard]] Error error_of(int status, std::string_view body, std::string_view retry_after = "");

}  // namespace promptsales::k8s
