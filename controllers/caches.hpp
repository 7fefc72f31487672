#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "operator/runtime/informer.hpp"
#include "operator/runtime/optional_informers.hpp"

namespace promptsales::controllers {

/// The caches that a reconciler may read, by kind. Reading a kind that was not declared ends the process at
/// the first try: no read ever starts a watch of its own. Of an optional kind,
/// complete() is the demand that starts its watch; a store that nobody has demanded is empty.
///
/// Threads  add() and serve_optional() before the informers start; the rest any.
class Caches {
 public:
  void add(runtime::Informer& informer) { informers_.push_back(&informer); }
  void serve_optional(runtime::OptionalInformers& optional) { optional_ = &optional; }

  [[nodiscard]] const runtime::Store& of(const k8s::Kind& kind) const;

  /// Nothing if the cache of this kind is complete; else why it is not, with what to do: then "absent" must
  /// not be concluded from it.
  ///
  /// Errors   CacheNotReady, Forbidden, APIMissing. Of optional kinds: kWaitForChange, as their informer goes
  ///          on trying and wakes who waits; ProviderAPIMissing if the server does not know the kind;
  ///          CacheNotReady of kWaitForChange is that of a watch that has just begun (is_starting()).
  [[nodiscard]] Result<void> complete(const k8s::Kind& kind) const;

  /// The kind of this name in the version that the server serves, for requests: an optional kind may leave it
  /// open.
  [[nodiscard]] const k8s::Kind& as_served(const k8s::Kind& kind) const;

  /// Takes in the server's answer to a write, so that the next read sees it. Returns it as a projection.
  ///
  /// Not      for what others write on as well, and are to be heard: the events of theirs that the answer holds
  ///          already are no news any more. Then written_alone().
  [[nodiscard]] Result<k8s::ProjectionPtr> written(const k8s::Kind& kind, const std::string& answer);

  /// The same, but only if the answer differs from what is known in `part` alone. If not, somebody else has written
  /// meanwhile, and the watch brings both.
  [[nodiscard]] Result<void> written_alone(const k8s::Kind& kind, const std::string& answer,
                                           const char* part);

 private:
  [[nodiscard]] runtime::Informer* find(const k8s::Kind& kind) const;
  [[nodiscard]] bool is_optional(const k8s::Kind& kind) const;
  [[nodiscard]] Result<void> optional_complete(const k8s::Kind& kind) const;

  std::vector<runtime::Informer*> informers_;
  runtime::OptionalInformers* optional_ = nullptr;
};

/// A watch has just begun, and there is no reason yet to think that it will not work.
[[nodiscard]] inline bool is_starting(const Error& error) {
  return error.reason == "CacheNotReady" && error.remedy == Remedy::kWaitForChange;
}

}  // namespace promptsales::controllers
