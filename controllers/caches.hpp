#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "operator/runtime/informer.hpp"

namespace promptsales::controllers {

/// The caches that a reconciler may read, by kind. Reading a kind that was not declared ends the process at
/// the first try: no read ever starts a watch of its own (runtime requirement R-12).
///
/// Threads  add() before the informers start; the rest any.
class Caches {
 public:
  void add(runtime::Informer& informer) { informers_.push_back(&informer); }

  [[nodiscard]] const runtime::Store& of(const k8s::Kind& kind) const { return informer(kind).store(); }

  /// Nothing if the cache of this kind is complete; else why it is not, with what to do: then "absent" must
  /// not be concluded from it.
  [[nodiscard]] Result<void> complete(const k8s::Kind& kind) const;

  /// Takes in the server's answer to a write, so that the next read sees it. Returns it as a projection.
  [[nodiscard]] Result<k8s::ProjectionPtr> written(const k8s::Kind& kind, const std::string& answer);

 private:
  [[nodiscard]] runtime::Informer& informer(const k8s::Kind& kind) const;

  std::vector<runtime::Informer*> informers_;
};

}  // namespace promptsales::controllers
