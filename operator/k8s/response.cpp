#include "operator/k8s/response.hpp"

#include <charconv>

#include "base/strings.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::k8s {
namespace {

constexpr std::size_t kMaxMessage = 1024;

std::string_view default_reason(int status) {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 403:
      return kForbidden;
    case 404:
      return kNotFound;
    case 409:
      return kConflict;
    case 410:
      return kExpired;
    case 422:
      return kInvalid;
    case 429:
      return "TooManyRequests";
    default:
      return "ServerError";
  }
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view header) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error != std::errc{} || seconds < 0) return std::nullopt;
  return std::chrono::seconds{seconds};
}

/// Whether a refusal is for the namespace that is going away.
bool is_of_a_dying_namespace(const Json& status) {
  const Json* causes = at_path(status, {"details", "causes"});
  for (const Json& cause : causes && causes->is_array() ? *causes : Json::array())
    if (string_at(cause, {"reason"}) == kNamespaceTerminating) return true;
  return false;
}

}  // namespace

Error error_of(int status, std::string_view body, std::string_view retry_after) {
  Error error{.remedy = remedy_for_status(status),
              .reason = std::string{default_reason(status)},
              .message = "the API server answered HTTP " + std::to_string(status),
              .retry_after = parse_retry_after(retry_after)};
  const Json status_object = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (string_at(status_object, {"kind"}) != "Status") return error;
  error.message = cut_text(string_at(status_object, {"message"}, error.message), kMaxMessage);
  if (status != 410) error.reason = string_at(status_object, {"reason"}, error.reason);
  if (is_of_a_dying_namespace(status_object)) {
    error.reason = kNamespaceTerminating;
    error.message +=
        "; move the resource to another namespace, or see in kubectl get namespace -o yaml what keeps this "
        "one";
  }
  return error;
}

Result<std::string> body_of(HttpResponse response) {
  if (response.status >= 200 && response.status < 300) return std::move(response.body);
  return Failure{error_of(response.status, response.body, response.retry_after)};
}

}  // namespace promptsales::k8s
