#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "controllers/caches.hpp"
#include "controllers/promptsales/child.hpp"
#include "operator/client/client.hpp"
#include "operator/runtime/metrics.hpp"

namespace promptsales::controllers {

/// The field managers under which the operator writes.
inline constexpr std::string_view kManager = "promptsales-operator";
/// Creates a Deployment whose replicas an autoscaler keeps, so that the operator never owns them. When the
/// operator applies it for the first time, this manager lets go of everything else. One request for a new
/// Deployment, where the documented way (apply, then hand the replicas over) takes two. Source: Kubernetes,
/// "Server-Side Apply", transferring ownership.
inline constexpr std::string_view kHandoverManager = "promptsales-operator-handover";

/// Brings single children to their desired state with as few requests as possible.
///
/// A child whose cached state is what its intent would make of it is not written. That is known from the hash
/// of the last intent, an annotation on the child, and from comparing the intent with the cached object; the
/// outcome of a comparison is remembered, so that a converged child costs two hashes.
///
/// Safety   a child that somebody else owns is left alone (NameConflict). A deletion carries UID and resource
///          version. Nothing is written when the lease is not held.
/// Threads  any; at most one call at a time for one resource (the work queue sees to that).
class ChildWriter {
 public:
  ChildWriter(client::Client& client, Caches& caches, runtime::Metrics& metrics,
              std::function<bool()> may_write);

  enum class Outcome {
    kAsDesired,  ///< nothing to do
    kWritten,    ///< created or changed
    kWaiting,    ///< a former object of this name, or of a former PromptSales, is still going away
    kTakenBack,  ///< it had lost the labels by which the caches know it, and nothing but them was written
  };

  /// Makes `desired` exist as it is written there. `first_replicas`: see kHandoverManager; used only when the
  /// child is created.
  ///
  /// Errors   NameConflict, Forbidden, Invalid …: with child and remedy.
  [[nodiscard]] Result<Outcome> bring(const Child& child, const PromptSales& app, Object desired,
                                      const std::optional<Object>& first_replicas = std::nullopt);

  /// The object of this name as the server has it, whatever the caches show; null if there is none.
  [[nodiscard]] Result<k8s::ProjectionPtr> look(const k8s::Kind& kind, const k8s::ObjectKey& key);

  /// Raises what a volume claim asks for, if it is still as it was seen.
  ///
  /// Errors   Conflict: it has changed; else why the server does not take it.
  [[nodiscard]] Result<void> resize(const k8s::Projection& claim, const std::string& size);

  /// Merges into a Secret of ours that is created once, if it is still as it was seen.
  ///
  /// Errors   Conflict: it has changed; else why the server does not take it.
  [[nodiscard]] Result<void> amend(const k8s::Projection& secret, Json patch);

  /// Labels an object that nobody brings any more, if it is still as it was seen.
  ///
  /// Errors   Conflict: it has changed; else why the server does not take it.
  [[nodiscard]] Result<void> mark(const k8s::Kind& kind, const k8s::Projection& object, const char* label,
                                  const std::string& value);

  /// Has the cluster collect an object that holds data with the resource, or not any more, if the object is still as
  /// it was seen (retention.hpp).
  ///
  /// Errors   Conflict: it has changed; else why the server does not take it.
  [[nodiscard]] Result<void> entail(const k8s::Kind& kind, const k8s::Projection& object,
                                    const PromptSales& app, bool goes);

  /// Deletes an object that should not exist any more, for a reason that the log gives.
  [[nodiscard]] Result<void> remove(const k8s::Kind& kind, const k8s::Projection& object,
                                    std::string_view why);

  /// Takes an object that holds data out of the resource, so that neither the object nor the data goes with it.
  /// REQUIRES: child.when_deleted
  ///
  /// Errors   Conflict: it has changed; else why the server does not take it.
  [[nodiscard]] Result<void> release(const Child& child, const k8s::Projection& object);

  /// Forgets what is remembered about a resource's children.
  void forget(const std::string& app_uid);

 private:
  /// The pair under which a comparison's outcome holds.
  struct Seen {
    std::string intent_hash;
    std::uint64_t digest = 0;

    bool operator==(const Seen&) const = default;
  };

  [[nodiscard]] Result<void> gate();
  [[nodiscard]] bool is_remembered(const std::string& app_uid, const Child& child, const std::string& hash,
                                   const k8s::Projection& live);
  [[nodiscard]] bool converged(const PromptSales& app, const Child& child, const Object& intent,
                               const std::string& hash, const k8s::Projection& live);
  [[nodiscard]] Result<void> still_there(const PromptSales& app);
  [[nodiscard]] Result<Outcome> create_once(const Child& child, const PromptSales& app, const Object& desired,
                                            const k8s::Projection* live);
  [[nodiscard]] Result<Outcome> take_back(const Child& child, const PromptSales& app, const Object& desired);
  [[nodiscard]] Result<void> label_again(const Child& child, const k8s::Projection& live,
                                         const Object& desired);
  [[nodiscard]] Result<k8s::ProjectionPtr> apply(const Child& child, const PromptSales& app,
                                                 const Object& intent, const std::string& hash,
                                                 const k8s::Projection* live);
  [[nodiscard]] Result<std::string> send(const Child& child, const PromptSales& app, const Object& intent,
                                         const k8s::Projection* live);
  [[nodiscard]] Result<std::string> patch_as_seen(const k8s::Kind& kind, const k8s::Projection& object,
                                                  Json patch, std::string_view child, std::string_view write);
  [[nodiscard]] Result<void> take_in(const k8s::Kind& kind, const std::string& answer);
  [[nodiscard]] Result<std::string> replace_ports(const Child& child, const Object& intent);
  void let_go(const Child& child, const k8s::ObjectKey& key, std::string_view manager);
  [[nodiscard]] Result<void> keep_replicas(const Child& child, const k8s::Projection& live);

  client::Client& client_;
  Caches& caches_;
  runtime::Metrics& metrics_;
  const std::function<bool()> may_write_;
  Guarded<std::unordered_map<std::string, std::unordered_map<std::string, Seen>>>
      seen_;  ///< by UID, then child
};

/// Whether `live` was last written as `desired` says, whatever others have made of it since.
[[nodiscard]] bool was_applied(const Object& live, Object desired);

}  // namespace promptsales::controllers
