#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/promptsales/child.hpp"
#include "controllers/promptsales/cost.hpp"
#include "controllers/promptsales/plan.hpp"
#include "controllers/promptsales/status_writer.hpp"
#include "controllers/promptsales/tls/report.hpp"

namespace promptsales::controllers {

/// What a pass found out about one child that is to exist.
struct ChildReport {
  const Child* child;
  Readiness readiness;
};

/// Everything that status is made of.
struct PassReport {
  const PromptSales& app;
  const Effective& effective;
  /// Why the pass stopped before any child was looked at: the spec is wrong or asks for what is not there
  /// yet, credentials are missing. What runs was left untouched.
  std::optional<Error> stopped;
  std::optional<Component> without_login{};  ///< of which part `stopped` speaks, if it is of one
  std::vector<ChildReport> children;         ///< in the order of children.def
  std::vector<std::pair<Component, Readiness>> problems{};  ///< components that could not be bound, or used
  std::optional<Readiness> unasked{};                       ///< what Ready waits for when all else is well
  std::optional<Error> left_over;  ///< why something that is not wanted any more is still there
  std::int64_t replicas = 0;       ///< of the backend, as its Deployment counts them
  std::int64_t ready_replicas = 0;
  std::string image;  ///< that the backend's pods run; empty if there are none
  std::string url;    ///< of the backend's Service
  struct Binding {
    std::string name;         ///< "database"
    std::string secret_name;  ///< "demo-database-binding"
    std::string hash;         ///< "sha256:…" of its entries
  };
  std::vector<Binding> bindings;
  std::optional<Cost> cost;                ///< with a price sheet only
  std::optional<ConnectionBudget> budget;  ///< unless the pass stopped
  std::optional<TierMove> move;            ///< while the resource is moved to another tier
  std::string now;                         ///< RFC 3339
  std::optional<tls::Report> tls;          ///< nothing while TLS is Disabled, or if the pass stopped before
};

/// The reason of a pass that was stopped by spec.suspend: no failure, and nothing to do.
inline constexpr std::string_view kSuspended = "Suspended";

/// The status that a report amounts to. Conditions, in the order that kstatus reads them:
///
///   Reconciling, Stalled      present only while True, and never both
///   Ready                     always; the reason of the worst part when it is not True; Unknown while
///   suspended
///   DatabaseReady, CacheReady, MessagingReady, BackendAvailable, AutoscalingActive
///                             when the resource has such a part
///   ConnectionBudget          whether the database has a connection for every pod
///   TLSReady                  once TLS was looked at; False and of no account for Ready while Disabled
///
/// docs/conditions.md lists every reason with its remedy. lastTransitionTime changes with the condition's
/// status only. Messages are cut at 1 KiB.
///
/// Threads  pure.
[[nodiscard]] StatusUpdate status_of(const PassReport& report);

/// "True", "False", "Unknown", or empty if the status has no such condition.
[[nodiscard]] std::string condition_status(const Json& status, std::string_view type);

/// Whether such a child keeps the number of pods: Ready does not wait for it.
[[nodiscard]] bool is_autoscaler(const k8s::Kind& kind);

}  // namespace promptsales::controllers
