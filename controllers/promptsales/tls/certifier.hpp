#pragma once

#include <string>
#include <unordered_map>

#include "base/guarded.hpp"
#include "controllers/caches.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/tls/self_signed.hpp"
#include "operator/runtime/metrics.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers::tls {

/// The step of a pass that works out which certificate the backend serves: sets pass.inputs.tls, pass.tls and
/// pass.look_again. It writes nothing; the children do.
///
/// A certificate of others that is not good is reported, and the last good one stays in use: the children
/// keep what they hold. Without one the backend is held back.
///
/// Threads  any; at most one call at a time for one resource. May read a Secret that a resource names.
class Certifier {
 public:
  Certifier(const Caches& caches, runtime::References& references, runtime::ReferencedObjects& referenced,
            runtime::Metrics& metrics, const Clock& clock)
      : caches_(caches), references_(references), referenced_(referenced), metrics_(metrics), clock_(clock) {}

  /// Errors   a cache of our own kinds that is not complete yet, NoEntropy: then nothing is known of the
  ///          certificate. What is wrong with one is no error but a report.
  [[nodiscard]] Result<void> certify(Pass& pass);

  /// A resource is gone: drops what was remembered about it, and its metrics.
  void forget(const k8s::ObjectKey& key, const std::string& app_uid);

 private:
  /// That a state asks for nothing before a time, so that certificates are not parsed in every pass, nor those that
  /// were just made.
  struct Settled {
    std::string state;  ///< stands for what the objects hold and for what is asked for
    Generations generations;
    WallTime not_after;
    WallTime authority_not_after;
    WallTime until;
  };

  [[nodiscard]] Result<void> sign_own(Pass& pass);
  [[nodiscard]] Result<void> take_given(Pass& pass);
  [[nodiscard]] Result<void> take_ordered(Pass& pass);
  [[nodiscard]] std::optional<Readiness> issuance_problem_of(const Order& order, Pass& pass) const;
  [[nodiscard]] std::optional<Error> copy(Pass& pass, const std::string& name,
                                          const std::vector<std::string>& hosts, days soon);
  void keep(Pass& pass, Readiness why, std::optional<std::chrono::milliseconds> look_again = {});
  [[nodiscard]] Result<void> complete() const;
  [[nodiscard]] Fleet fleet_of(const PromptSales& app) const;
  [[nodiscard]] std::string served(const PromptSales& app) const;
  [[nodiscard]] k8s::ProjectionPtr own(const Pass& pass, const k8s::Kind& kind,
                                       const std::string& suffix) const;
  void report_own(Pass& pass, SelfSignedPlan plan);

  const Caches& caches_;
  runtime::References& references_;
  runtime::ReferencedObjects& referenced_;
  runtime::Metrics& metrics_;
  const Clock& clock_;
  Guarded<std::unordered_map<std::string, Settled>> settled_;  ///< by UID; only of phase Stable
};

}  // namespace promptsales::controllers::tls
