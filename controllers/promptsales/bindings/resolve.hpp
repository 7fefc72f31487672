#pragma once

#include "controllers/caches.hpp"
#include "controllers/promptsales/bindings/provider.hpp"
#include "controllers/promptsales/pass.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers::bindings {

/// What a pass works with, as Sources: caches for objects, live reads for Secrets of others. All that is
/// asked for becomes a reference of the resource, so that its change brings the resource back.
///
/// Lifetime  one pass.
class PassSources final : public Sources {
 public:
  struct Parts {
    Caches& caches;
    runtime::References& references;
    runtime::ReferencedObjects& referenced;
    runtime::OptionalInformers& optional;
  };
  PassSources(const Parts& parts, Pass& pass) : parts_(parts), pass_(pass) {}

  [[nodiscard]] Result<std::optional<Entries>> secret(const std::string& name) override;
  [[nodiscard]] Result<std::optional<Object>> object(const k8s::Kind& kind, const std::string& name) override;
  [[nodiscard]] Result<const k8s::Kind*> kind_named(const std::string& api_version,
                                                    const std::string& kind) override;
  [[nodiscard]] std::optional<Entries> bound(Component component) override;
  void ignore(Component component, const std::string& what) override;

 private:
  const Parts& parts_;
  Pass& pass_;
};

/// Asks the provider of every wanted component: `pass.bindings`. What it gives now is the candidate.
///
/// Errors   none: a component that cannot be bound is in pass.bindings, and the rest of the pass goes on.
void resolve_bindings(Pass& pass, const Caches& caches, Sources& sources);

/// What pods get, in `pass.inputs.bindings`: the candidate, or, while there is none or a problem keeps it from
/// being used (trial.hpp), what the binding Secret holds.
void choose_bindings(Pass& pass);

}  // namespace promptsales::controllers::bindings
