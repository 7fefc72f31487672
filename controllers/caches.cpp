#include "controllers/caches.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace promptsales::controllers {

using runtime::InformerStatus;

runtime::Informer& Caches::informer(const k8s::Kind& kind) const {
  const auto found = std::ranges::find_if(informers_, [&](const auto* each) { return each->kind() == kind; });
  PS_CHECK(found != informers_.end());
  return **found;
}

Result<void> Caches::complete(const k8s::Kind& kind) const {
  const InformerStatus status = informer(kind).status();
  if (status.synced) return {};
  const std::string resource = kind.resource();
  switch (status.state) {
    case InformerStatus::State::kForbidden:
      return failure(Remedy::kRetryWithBackoff, "Forbidden",
                     "the operator may not list and watch " + resource +
                         "; grant it with manifests/rbac.yaml (" + status.last_error + ")");
    case InformerStatus::State::kMissing:
      return failure(Remedy::kRetryWithBackoff, "APIMissing",
                     "the API server does not serve " + resource + "; install what defines it");
    default:
      return failure(Remedy::kRetryWithBackoff, "CacheNotReady",
                     "the operator does not know yet which " + resource + " exist" +
                         (status.last_error.empty() ? "" : " (" + status.last_error + ")"));
  }
}

Result<k8s::ProjectionPtr> Caches::written(const k8s::Kind& kind, const std::string& answer) {
  auto& target = informer(kind);
  auto object = k8s::project(answer, target.keep());
  if (object) target.store().written(*object);
  return object;
}

}  // namespace promptsales::controllers
