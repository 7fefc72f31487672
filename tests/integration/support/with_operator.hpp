#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controllers/promptsales/child.hpp"
#include "tests/integration/support/api_server.hpp"
#include "tests/integration/support/operator_process.hpp"
#include "tests/integration/support/promptsales_api.hpp"

namespace promptsales::testing {

/// A child that a resource is to have, by the list of children.def and the resource's own spec.
struct WantedChild {
  const controllers::Child* child;
  std::string name;
};

/// Resource versions by "Kind/name".
using Versions = std::map<std::string, std::string>;

/// A namespace, and operators that work on it alone. The cluster has no node: become_ready() plays the part
/// of what would run.
class WithOperator : public ::testing::Test {
 protected:
  static constexpr const char* kBackendImage = "registry.example/backend:1";
  static constexpr const char* kPostgresImage = "registry.example/postgres:1";
  static constexpr const char* kValkeyImage = "registry.example/valkey:1";
  static constexpr const char* kNatsImage = "registry.example/nats:1";

  /// Starts one more operator on the test's namespace; the first starts leading at once.
  [[nodiscard]] std::unique_ptr<OperatorProcess> an_operator(std::vector<std::string> more_arguments = {});
  /// Arguments and variables that bind an operator to the test's namespace.
  [[nodiscard]] std::vector<std::string> arguments() const;
  [[nodiscard]] static OperatorProcess::Environment images();

  /// Replaces the operator by one that starts anew, which writes nothing at all.
  void restarts_without_a_write(std::unique_ptr<OperatorProcess>& running,
                                std::vector<std::string> more_arguments = {});
  /// Creates a PromptSales with this spec in YAML.
  k8s::Json create(const std::string& name, const std::string& spec = "tier: MVP");
  /// Merges into its spec; null removes a field.
  void change(const std::string& name, const k8s::Json& spec_patch);
  [[nodiscard]] k8s::Json read(const std::string& name);

  /// "True", "False", "Unknown", or empty if the resource does not say.
  [[nodiscard]] std::string status_of(const std::string& name, const std::string& condition);
  [[nodiscard]] std::string reason_of(const std::string& name, const std::string& condition = "Ready");
  [[nodiscard]] std::string message_of(const std::string& name, const std::string& condition = "Ready");
  /// When its status changed last, RFC 3339 in whole seconds.
  [[nodiscard]] std::string since_of(const std::string& name, const std::string& condition);
  /// Waits until Ready has this reason for the newest generation.
  [[nodiscard]] bool becomes(const std::string& name, const std::string& ready_reason);

  /// Sets the replicas of the backend as an autoscaler does.
  void scale(const std::string& name, std::int64_t replicas);
  /// What its autoscaler does whatever the load. True if it has.
  bool scale_within_bounds(const std::string& name, std::int64_t replicas);
  /// The status of a Job that has succeeded.
  void finish_job(const std::string& job);
  /// A pod of the Job that has ended like this, and the Job that has given up.
  void fail_job(const std::string& job, int exit_code, const std::string& message);
  /// The Jobs that try new entries of its bindings (trial.hpp) and have not ended.
  [[nodiscard]] std::vector<std::string> trials(const std::string& name);
  /// One of them, when there is one.
  [[nodiscard]] std::string a_trial(const std::string& name);
  void write_status(const k8s::Kind& kind, const std::string& name, const k8s::Json& status);
  /// The status that workloads would have whose pods all run, and Jobs that have done what they are for. Held
  /// back are those that keep theirs, and an autoscaler (its kind alone) that does nothing.
  void serve_workloads(
      const std::string& name,
      const std::function<bool(const k8s::Json& live)>& held_back = [](const auto&) { return false; });
  /// Serves until the operator says Ready for the newest generation.
  [[nodiscard]] bool become_ready(const std::string& name);

  [[nodiscard]] std::vector<WantedChild> wanted(const std::string& name);
  /// Waits until every wanted child exists.
  [[nodiscard]] bool has_children(const std::string& name);
  /// The resource versions of the PromptSales, its children and whatever else carries our labels.
  [[nodiscard]] Versions versions();
  /// The same as soon as they stay: what was on its way when Ready was said has arrived.
  [[nodiscard]] Versions settled();
  /// "Kind/name" of every object of the children's kinds that carries our label, in order; what is going away
  /// is left out.
  [[nodiscard]] std::vector<std::string> ours();

  /// A login as its Secret holds it, decoded.
  [[nodiscard]] std::string password_in(const std::string& secret);
  /// The notes of Events about an object of this name, with this reason.
  [[nodiscard]] std::vector<std::string> events(const std::string& name, const std::string& reason);

  ApiServer server;
  PromptSalesApi api;
};

/// Writes that an operator has sent, whatever their outcome.
[[nodiscard]] double writes(const OperatorProcess& process);

}  // namespace promptsales::testing
