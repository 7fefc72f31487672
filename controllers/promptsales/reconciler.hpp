#pragma once

#include <functional>

#include "controllers/caches.hpp"
#include "controllers/promptsales/child.hpp"
#include "controllers/promptsales/child_writer.hpp"
#include "controllers/promptsales/convergence.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/pass_reporter.hpp"
#include "controllers/promptsales/settings_in_force.hpp"
#include "controllers/promptsales/tls/certifier.hpp"
#include "controllers/promptsales/tls/trust_keeper.hpp"
#include "operator/client/client.hpp"
#include "operator/runtime/controller.hpp"
#include "operator/runtime/event_recorder.hpp"
#include "operator/runtime/metrics.hpp"
#include "operator/runtime/peer_poll.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers {

/// Makes the cluster have what a PromptSales asks for, and its status say how far that is.
///
/// A pass works from the caches; the requests it sends are writes that change something, and a look before
/// what cannot be undone. No step relies on what an earlier pass did: progress is derived from what is
/// observed.
///
/// Threads  any; the work queue gives one resource to one thread at a time.
class Reconciler {
 public:
  struct Parts {
    client::Client& client;
    Caches& caches;
    runtime::References& references;
    runtime::ReferencedObjects& referenced;
    runtime::OptionalInformers& optional;
    runtime::EventRecorder& events;
    runtime::Metrics& metrics;
    runtime::PeerPoll& pods;
    const Clock& clock;
    const SettingsInForce& settings;
    std::function<bool()> may_write;
    Images images;
  };

  explicit Reconciler(Parts parts);

  [[nodiscard]] Result<runtime::Next> reconcile(const k8s::ObjectKey& key, std::stop_token stop);

  /// A resource is gone: drops what was remembered about it.
  void forget(const k8s::ObjectKey& key, const std::string& app_uid);

 private:
  // The steps of a pass, in order; the first that fails ends it.
  [[nodiscard]] Result<void> let_data_stay(Pass& pass);
  [[nodiscard]] Result<void> check(Pass& pass);
  [[nodiscard]] Result<void> read_inputs(Pass& pass);
  [[nodiscard]] Result<void> choose_server(Pass& pass);
  [[nodiscard]] Result<void> make_plan(Pass& pass);
  [[nodiscard]] Result<void> rotate(Pass& pass);
  [[nodiscard]] Result<void> grow_volumes(Pass& pass);
  [[nodiscard]] Result<void> trust(Pass& pass);
  [[nodiscard]] Result<void> certify(Pass& pass);
  [[nodiscard]] Result<void> migrate(Pass& pass);
  void ask_pods(Pass& pass);
  void grow_volume(Pass& pass, Component component, const std::string& wanted);
  void migrate_again(Pass& pass, const Object& job);
  [[nodiscard]] Result<void> keep_in_reach(Pass& pass);
  [[nodiscard]] Result<void> retire(Pass& pass);

  [[nodiscard]] Result<void> bind(Pass& pass);
  [[nodiscard]] static bool may_have(const Pass& pass, const Child& child, std::string_view type);
  [[nodiscard]] Result<void> know_optional_children(Pass& pass);
  [[nodiscard]] Result<runtime::Next> say_deleting(Pass& pass, const k8s::Projection& cached,
                                                   const Result<void>& stays);
  [[nodiscard]] bool goes_with_its_namespace(const Pass& pass) const;
  [[nodiscard]] Pass begin(const k8s::Projection& cached) const;
  [[nodiscard]] Result<Credentials> credentials(const Pass& pass, Component component) const;
  [[nodiscard]] Result<bool> exists(const k8s::ObjectKey& claim) const;
  [[nodiscard]] Result<Facts> facts_of(const Pass& pass);
  [[nodiscard]] std::optional<Object> own(const Pass& pass, const k8s::Kind& kind,
                                          const std::string& name) const;

  Parts parts_;
  tls::TrustKeeper trust_keeper_;
  tls::Certifier certifier_;
  ChildWriter children_;
  Convergence convergence_;  ///< uses children_
  PassReporter reporter_;
};

}  // namespace promptsales::controllers
