#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/status.hpp"
#include "operator/k8s/conditions.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::testing {

/// When the pass of a report was: ten minutes after kEarlier.
inline constexpr const char* kNow = "2026-11-21T10:10:00Z";
inline constexpr const char* kEarlier = "2026-11-21T10:00:00Z";

/// The spec of a resource that has this child of children.def: no resource has them all.
inline std::string spec_with(const controllers::Child& child) {
  const std::string of_azure =
      "{type: AzureServiceOperator, azureServiceOperator: {location: l, "
      "resourceGroupRef: {name: g}}}";
  const std::string in_google = "{type: ConfigConnector, configConnector: {region: r}}";
  const std::string of_ack = "{type: ACK, ack: {region: r}}";
  for (const std::string& spec :
       {std::string{
            "{tier: MVP, tls: {type: CertManager, issuerRef: {name: a}}, messaging: {type: Embedded}}"},
        std::string{"{tier: MVP, backend: {autoscaling: {type: KEDA}}}"},
        std::string{
            "{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {pooler: {instances: 3}}}}"},
        std::string{
            "{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}}"},
        "{tier: Scale, database: " + of_ack + ", cache: " + of_ack + "}",
        "{tier: Scale, database: " + in_google + ", cache: " + in_google + "}",
        "{tier: Growth, database: " + of_azure + ", cache: " + of_azure + "}"})
    if (child.desired(inputs_of(spec))) return spec;
  ADD_FAILURE() << "no spec here has " << child.id;
  return "tier: MVP";
}

/// Readiness of children by their name in children.def; those not named are ready.
using Parts = std::vector<std::pair<std::string, controllers::Readiness>>;

inline controllers::Readiness progressing(const std::string& reason, const std::string& message = "m") {
  return {controllers::Readiness::State::kProgressing, reason, message};
}
inline controllers::Readiness failed(const std::string& reason, const std::string& message = "m") {
  return {controllers::Readiness::State::kFailed, reason, message};
}

/// Failed, and will fail again.
inline controllers::Readiness refused(const std::string& reason, const std::string& message = "m") {
  return {controllers::Readiness::State::kFailed, reason, message, /*stalled=*/true};
}

/// What a pass says of a certificate with which all is well.
inline controllers::tls::Report a_certificate() {
  return {.message = "good until then",
          .not_after = "2027-02-19T10:00:00Z",
          .ca_generation = 1,
          .phase = "Stable"};
}

/// One pass over a resource, as status_of() is told of it. The report points into this object.
struct APass {
  explicit APass(const std::string& spec = "tier: MVP", const Parts& parts = {}) : inputs(inputs_of(spec)) {
    inputs.app.generation = 3;
    if (inputs.tls) tls = a_certificate();
    for (const auto* child : controllers::all_children()) {
      if (!child->desired(inputs)) continue;
      controllers::Readiness readiness;
      for (const auto& [id, state] : parts)
        if (id == child->id) readiness = state;
      children.push_back({child, readiness});
    }
  }

  /// The pass after one that wrote this status.
  APass& after(const k8s::Json& status) {
    inputs.app.status = status;
    return *this;
  }
  /// It ended before any child was looked at.
  APass& stopped_by(Remedy remedy, const std::string& reason, const std::string& message = "m") {
    stopped = Error{remedy, reason, message};
    return *this;
  }

  /// It ended because the data's password is lost.
  APass& without_login_of(controllers::Component component) {
    without_login = component;
    return stopped_by(Remedy::kRetryWithBackoff, "CredentialsMissing", "restore it");
  }

  [[nodiscard]] controllers::StatusUpdate update() const {
    return controllers::status_of({.app = inputs.app,
                                   .effective = inputs.effective,
                                   .stopped = stopped,
                                   .without_login = without_login,
                                   .children = stopped ? std::vector<controllers::ChildReport>{} : children,
                                   .problems = problems,
                                   .unasked = unasked,
                                   .replicas = 2,
                                   .ready_replicas = 1,
                                   .image = "registry.example/backend:1",
                                   .url = controllers::public_url(inputs),
                                   .bindings = {{"database", "demo-database-binding", "sha256:0"}},
                                   .cost = cost,
                                   .budget = stopped ? std::nullopt : budget,
                                   .move = move,
                                   .now = kNow,
                                   .tls = stopped ? std::nullopt : tls});
  }
  [[nodiscard]] k8s::Json status() const { return update().status; }

  controllers::Inputs inputs;
  std::vector<controllers::ChildReport> children;
  std::vector<std::pair<controllers::Component, controllers::Readiness>> problems;
  std::optional<controllers::Readiness> unasked;
  std::optional<Error> stopped;
  std::optional<controllers::Component> without_login;
  std::optional<controllers::Cost> cost;
  std::optional<controllers::ConnectionBudget> budget = controllers::connection_budget(inputs.effective);
  std::optional<controllers::TierMove> move;
  std::optional<controllers::tls::Report> tls;
};

/// "Ready=False Starting", as a row of a table.
inline std::string brief(const k8s::Json& status, std::string_view type) {
  const auto* condition = k8s::condition_in(status, type);
  if (!condition) return "absent";
  return condition->at("status").get<std::string>() + " " + condition->at("reason").get<std::string>();
}

}  // namespace promptsales::testing
