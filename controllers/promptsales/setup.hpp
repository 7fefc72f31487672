#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controllers/caches.hpp"
#include "controllers/promptsales/reconciler.hpp"
#include "operator/runtime/controller.hpp"
#include "operator/runtime/event_recorder.hpp"
#include "operator/runtime/optional_informers.hpp"
#include "operator/runtime/peer_poll.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers {

/// The controller of PromptSales and the caches that it reads, wired together: every change wakes the PromptSales that
/// it concerns, and a deleted one is answered with an Event that says which data was kept, by the replica that may
/// write.
///
/// Children, pods and claims are watched by the label that the operator gives them: what others have in the
/// cluster never enters this process. No watch of an optional kind begins before a resource needs it.
///
/// Lifetime  what it is given outlives it. Who starts the informers and the controller stops them before it ends:
///           the controller, the informers, then the optional ones.
class Setup {
 public:
  struct Parts {
    client::Client& client;
    std::string ns;  ///< the namespace to watch; empty: all
    runtime::EventRecorder& events;
    runtime::Metrics& metrics;
    const Clock& clock;
    const SettingsInForce& settings;
    std::function<bool()> may_write;
    Images images;
    int workers;
  };

  explicit Setup(Parts parts);
  ~Setup() { pods_.stop(); }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  /// One for the resource itself, which comes first, one for each kind of children.def, and those for pods and volume
  /// claims, which explain why a child is not ready.
  [[nodiscard]] const std::vector<std::unique_ptr<runtime::Informer>>& informers() const {
    return informers_;
  }
  [[nodiscard]] runtime::OptionalInformers& optional() { return optional_; }
  [[nodiscard]] runtime::Controller& controller() { return controller_; }
  /// Brings every resource back, after those of which something has just changed.
  void reconcile_all();

 private:
  void connect();
  void connect_foreign();

  const Parts parts_;
  std::vector<std::unique_ptr<runtime::Informer>> informers_;
  runtime::OptionalInformers optional_;
  runtime::References references_;
  runtime::ReferencedObjects referenced_;
  Caches caches_;
  runtime::PeerPoll pods_;  ///< has nothing to do with what is below once it is stopped
  Reconciler reconciler_;
  runtime::Controller controller_;
};

}  // namespace promptsales::controllers
