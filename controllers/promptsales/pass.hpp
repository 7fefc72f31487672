#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "controllers/promptsales/child.hpp"
#include "controllers/promptsales/plan.hpp"
#include "controllers/promptsales/settings.hpp"
#include "controllers/promptsales/tls/report.hpp"
#include "operator/runtime/references.hpp"

namespace promptsales::controllers {

/// How a component comes by its connection in this pass.
struct Binding {
  std::optional<bindings::Entries> candidate;  ///< what the provider gives now
  std::optional<bindings::Entries> existing;   ///< what pods mount so far
  std::optional<Error> problem;                ///< why there is no candidate, or why it is not in use
};

/// What one reconcile of one resource knows. Each field says when it is set; nothing outlives the pass.
struct Pass {
  std::stop_token stop;                      ///< from the beginning: no further write once it is requested
  PromptSales app;                           ///< from the beginning
  std::shared_ptr<const Settings> settings;  ///< from the beginning
  Inputs inputs;  ///< app, effective and images from the beginning; credentials after read_inputs
  /// After make_plan: the backend's Deployment as the pass has found it, if this resource owns one.
  std::optional<Object> deployment;
  Plan plan;  ///< after make_plan
  /// After keep_in_reach: some pod may use what was bound before, so that it must not go yet.
  bool uses_former = false;
  bool migration_gave_up = false;       ///< after migrate: its Job has failed for good
  std::map<Component, Error> rotating;  ///< grows: why the replacement of a login is not over (rotation.hpp)
  std::map<Component, Error>
      volumes_refused;  ///< after grow_volumes: one is to be larger, and the server says no
  std::optional<std::chrono::milliseconds>
      look_again;                    ///< at any time: something changes then without an event
  std::optional<Error> undecodable;  ///< from the beginning: the spec is not of this operator's schema
  /// True if a step up to bind failed: nothing was looked at, and what runs was left untouched.
  bool stopped = false;
  /// After read_inputs: what stopped it is this one's, of which a login or an image is lost.
  std::optional<Component> without_login;
  std::optional<Error> untrusted;  ///< after trust: why CAs that the spec names are not those in use
  std::set<runtime::References::Target> references;  ///< grows as steps read what others own
  std::map<Component, Binding> bindings;             ///< after bind: of every wanted component
  std::map<Component, std::string> ignored;  ///< after bind: what a Secret of others holds that is not used
  std::vector<std::pair<const Child*, k8s::ObjectKey>>
      desired;                           ///< after bring_children: those that are to exist
  std::map<const Child*, Error> failed;  ///< after bring_children: could not be brought
  std::optional<tls::Report> tls;        ///< after certify, unless TLS is Disabled
  /// After certify: there is no certificate yet with which the backend could serve as the spec asks. What
  /// there is of it stays as it is, and what there is not is not made.
  bool backend_held = false;
  std::set<const Child*> waiting;  ///< after bring_children: a former object of the name is going away
  std::map<Component, Readiness> services;  ///< after ask_pods: services that pods say they cannot use
  std::optional<Readiness> unasked;         ///< after ask_pods: pods are asked, and have not answered yet
  std::optional<Error> left_over;  ///< after prune: something that is not wanted any more could not go

  /// Asks for another pass after this long, unless a sooner one is asked for already.
  void look_again_in(std::chrono::milliseconds delay) {
    look_again = std::min(delay, look_again.value_or(delay));
  }
};

/// The failure of a step that was cut short.
[[nodiscard]] inline Failure stopping() {
  return failure(Remedy::kRetryWithBackoff, "Stopping", "the operator is stopping; the next one goes on");
}

}  // namespace promptsales::controllers
