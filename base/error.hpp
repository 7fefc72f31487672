#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace promptsales {

/// What the caller should do about a failure. Values name the remedy, never the origin.
enum class Remedy {
  kRetryWithBackoff,   ///< the same call may succeed later: network, server, missing permission
  kReadAgain,          ///< our copy was stale: read the object again, then decide again
  kWaitForSpecChange,  ///< the same bytes fail for ever: only an edit by a person helps
  kWaitForChange,      ///< something else must change first, and that is an event; or look at `retry_after`
  kShutDown,           ///< the process cannot do its work: say so and exit
};

/// A failure as a value. Crosses layer boundaries by return, never by throw.
struct [[nodiscard]] Error {
  Remedy remedy = Remedy::kRetryWithBackoff;
  std::string reason;   ///< CamelCase; becomes Condition.reason, so it is API: never reworded
  std::string message;  ///< one sentence for a person, with what to do; free to change; holds no secret
  std::optional<std::chrono::milliseconds>
      retry_after{};  ///< not before; for kWaitForChange: look again then
};

/// True for what passes by itself, and soon: nothing that a person should be called for.
[[nodiscard]] inline bool is_passing(const Error& error) {
  constexpr std::array<std::string_view, 7> kPassing{"NotLeading",  "CacheNotReady", "TooManyRequests",
                                                     "ServerError", "Unreachable",   "DeadlineExceeded",
                                                     "Timeout"};
  return error.remedy == Remedy::kReadAgain || std::ranges::find(kPassing, error.reason) != kPassing.end();
}

/// The same failure for who will ask again: what the API server calls invalid may have been refused by a policy of the
/// cluster, and mending that is an event for nobody.
[[nodiscard]] inline Error asked_again(Error error) {
  if (error.remedy == Remedy::kWaitForSpecChange) error.remedy = Remedy::kRetryWithBackoff;
  return error;
}

/// True if nothing is to be done but to wait for something that is an event.
[[nodiscard]] inline bool only_waits(const Error& error) {
  return error.remedy == Remedy::kWaitForChange || error.remedy == Remedy::kWaitForSpecChange;
}

/// The same failure with what we were doing in front: "create Service shop/demo: connection refused".
[[nodiscard]] inline Error in_context(std::string_view doing, Error error) {
  error.message = std::string{doing} + ": " + error.message;
  return error;
}

}  // namespace promptsales
