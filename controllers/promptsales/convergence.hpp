#pragma once

#include "controllers/caches.hpp"
#include "controllers/promptsales/child_writer.hpp"
#include "controllers/promptsales/pass.hpp"
#include "operator/runtime/event_recorder.hpp"

namespace promptsales::controllers {

/// The step of a pass that changes the cluster: every child that is wanted is brought, and what the resource owns
/// and no child wants any more goes, or is left where it is if it holds data.
///
/// Threads    any; at most one call at a time for one resource.
/// Lifetime   what it is given outlives it.
class Convergence {
 public:
  Convergence(ChildWriter& children, Caches& caches, runtime::EventRecorder& events)
      : children_(children), caches_(caches), events_(events) {}

  /// Sets what `pass` says to be known after bring_children and after prune.
  ///
  /// Errors   of what is to be tried again, else of what only waits: the first child that could not be brought, else
  ///          that could not go, else that a component is not bound.
  [[nodiscard]] Result<void> run(Pass& pass);

 private:
  void bring_children(Pass& pass);
  [[nodiscard]] bool bring(Pass& pass, const Child& child, Object desired);
  [[nodiscard]] bool is_held(const Pass& pass, const Child& child) const;
  [[nodiscard]] std::optional<k8s::ObjectKey> left_as_it_is(const Pass& pass, const Child& child,
                                                            const std::optional<Object>& desired,
                                                            bool held) const;
  [[nodiscard]] Result<void> retire_other_autoscalers(const Pass& pass, const Child& wanted);
  [[nodiscard]] Result<void> prune(Pass& pass);
  void tell_of_left(const Pass& pass, const k8s::Kind& kind, const k8s::Projection& object,
                    const std::string& how_to_discard);
  void tell_of_left_volumes(const Pass& pass);
  [[nodiscard]] static bool may_serve(const Pass& pass, const k8s::Kind& kind, const k8s::Projection& object);

  ChildWriter& children_;
  Caches& caches_;
  runtime::EventRecorder& events_;
};

}  // namespace promptsales::controllers
