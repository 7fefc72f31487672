#include "controllers/caches.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace promptsales::controllers {

using runtime::InformerStatus;

runtime::Informer* Caches::find(const k8s::Kind& kind) const {
  const auto found = std::ranges::find_if(informers_, [&](const auto* each) { return each->kind() == kind; });
  if (found != informers_.end()) return *found;
  PS_CHECK(is_optional(kind));
  return optional_->started(kind);
}

bool Caches::is_optional(const k8s::Kind& kind) const { return optional_ && optional_->is_declared(kind); }

const runtime::Store& Caches::of(const k8s::Kind& kind) const {
  static const runtime::Store kEmpty;
  const runtime::Informer* informer = find(kind);
  return informer ? informer->store() : kEmpty;
}

const k8s::Kind& Caches::as_served(const k8s::Kind& kind) const {
  return is_optional(kind) ? optional_->as_served(kind) : kind;
}

Result<void> Caches::optional_complete(const k8s::Kind& kind) const {
  using State = InformerStatus::State;
  const auto informer = optional_->demand(kind);
  if (!informer) return Failure{informer.error()};
  const InformerStatus status = (*informer)->status();
  const std::string resource = (*informer)->kind().resource();
  if (status.trouble == State::kMissing)
    return failure(Remedy::kWaitForChange, "ProviderAPIMissing",
                   "the API server does not serve " + resource + "; install what defines it");
  if (status.synced) return {};
  if (status.trouble == State::kForbidden)
    return failure(
        Remedy::kWaitForChange, "Forbidden",
        "the operator may not list and watch " + resource +
            "; grant it with the ClusterRole of its provider in manifests/rbac.yaml, or with one of "
            "your own (" +
            status.last_error + ")");
  return failure(status.trouble ? Remedy::kRetryWithBackoff : Remedy::kWaitForChange, "CacheNotReady",
                 "the operator does not know yet which " + resource + " exist" +
                     (status.last_error.empty() ? "" : " (" + status.last_error + ")"));
}

Result<void> Caches::complete(const k8s::Kind& kind) const {
  if (is_optional(kind)) return optional_complete(kind);
  const InformerStatus status = find(kind)->status();
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
  auto* target = find(kind);
  PS_CHECK(target != nullptr);
  auto object = k8s::project(answer, target->keep());
  if (object) target->store().written(*object);
  return object;
}

Result<void> Caches::written_alone(const k8s::Kind& kind, const std::string& answer, const char* part) {
  auto* target = find(kind);
  PS_CHECK(target != nullptr);
  const auto object = k8s::project(answer, target->keep());
  if (!object) return Failure{object.error()};
  const auto rest_of = [part](const k8s::Projection& each) {
    k8s::Object document = each.document();
    document.erase(part);
    return document;
  };
  const auto known = target->store().find((*object)->key);
  if (!known || rest_of(*known) == rest_of(**object)) target->store().written(*object);
  return {};
}

}  // namespace promptsales::controllers
