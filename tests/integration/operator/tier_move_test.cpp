// A resource moves between tiers in steps, and each step waits for what the one before it has made.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;

/// The test plays the controllers of the cluster. What a step waits for is kept back until it is asked for.
class AMove : public WithOperator {
 protected:
  void begin_as(const char* tier) {
    running = an_operator({"--leader-elect", "false"});
    create("demo", std::string{"tier: "} + tier);
    ASSERT_TRUE(become_ready("demo"));
  }
  void move_to(const char* tier) { change("demo", {{"tier", tier}}); }

  std::string transition(const char* field) {
    return string_at(read("demo"), {"status", "transition", field});
  }
  std::string tier_in_force() { return string_at(read("demo"), {"status", "effective", "tier"}); }

  static std::string request_of(const Json& workload, const char* resource) {
    const Json::json_pointer at{"/spec/template/spec/containers/0/resources/requests/" +
                                std::string{resource}};
    return workload.contains(at) ? workload.at(at).get<std::string>() : "";
  }
  std::string pod_cpu() { return request_of(server.get(kDeployment, "demo-backend"), "cpu"); }
  std::string database_memory() { return request_of(server.get(kStatefulSet, "demo-database"), "memory"); }
  Json bounds() {
    const Json spec = server.get(kHorizontalPodAutoscaler, "demo-backend").at("spec");
    return {spec.at("minReplicas"), spec.at("maxReplicas")};
  }

  /// Lets everything serve but what makes `step` last; undoing a step takes what doing it does.
  void play_but(std::string step) {
    if (step.starts_with("Revert")) step.erase(0, std::string_view{"Revert"}.size());
    serve_workloads("demo", [&](const Json& live) {
      if (string_at(live, {"kind"}) == kHorizontalPodAutoscaler.kind) return step == "Headroom";
      const bool backend = string_at(live, {"kind"}) == "Deployment";
      const bool moved = request_of(live, "cpu") == (backend ? new_pod_cpu : new_database_cpu);
      return (backend && step == "Roll" && moved) ||
             (!backend && (step == "RollData" || step == "Shrink") && moved);
    });
  }
  /// Plays until the move has come to a step, and stays there.
  bool stops_at(const std::string& step) {
    return eventually([&] {
             play_but(step);
             return transition("step") == step;
           }) &&
           eventually([&] {  // the step is said before what it asks for is applied
             const Versions now = versions();
             return throughout(300ms, [&] {
               play_but(step);
               return transition("step") == step && versions() == now;
             });
           });
  }
  bool arrives_as(const std::string& tier) {
    return eventually([&] {
      play_but("");
      return tier_in_force() == tier && transition("step").empty() && status_of("demo", "Ready") == "True";
    });
  }
  void going(const char* tier) {
    const bool up = std::string_view{tier} == "Growth";
    new_pod_cpu = up ? "500m" : "250m";
    new_database_cpu = up ? "4" : "1";
  }

  std::unique_ptr<OperatorProcess> running;
  std::string new_pod_cpu;
  std::string new_database_cpu;
};

TEST_F(AMove, UpwardsMakesRoomThenReplacesThePodsThenTheData) {
  begin_as("MVP");
  going("Growth");
  move_to("Growth");
  ASSERT_TRUE(stops_at("Headroom"));
  EXPECT_EQ(bounds(), (Json{3, 4}));
  EXPECT_EQ(pod_cpu(), "250m");
  EXPECT_EQ(transition("from"), "MVP");
  EXPECT_EQ(transition("to"), "Growth");
  EXPECT_EQ(tier_in_force(), "MVP");
  EXPECT_THAT(transition("blockedBy"), HasSubstr("2 of 3 backend replicas"));
  EXPECT_EQ(status_of("demo", "Ready"), "False");

  ASSERT_TRUE(stops_at("Roll"));
  EXPECT_EQ(pod_cpu(), "500m");
  EXPECT_EQ(database_memory(), "1Gi") << "never while the backend's pods are replaced";

  ASSERT_TRUE(stops_at("RollData"));
  EXPECT_EQ(database_memory(), "16Gi");
  EXPECT_EQ(status_of("demo", "Ready"), "False");

  ASSERT_TRUE(arrives_as("Growth"));
  EXPECT_EQ(bounds(), (Json{3, 4}));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(AMove, DownwardsLowersTheBoundsAndTheDataLast) {
  begin_as("Growth");
  going("MVP");
  move_to("MVP");
  ASSERT_TRUE(stops_at("Roll"));
  EXPECT_EQ(bounds(), (Json{3, 4}));
  EXPECT_EQ(database_memory(), "16Gi");
  ASSERT_TRUE(stops_at("Shrink"));
  EXPECT_EQ(bounds(), (Json{2, 3}));
  EXPECT_EQ(database_memory(), "1Gi");
  ASSERT_TRUE(arrives_as("MVP"));
  EXPECT_EQ(server.get(kStatefulSet, "demo-database")
                .at("spec")
                .at("volumeClaimTemplates")
                .at(0)
                .at("spec")
                .at("resources")
                .at("requests")
                .at("storage"),
            "500Gi");
}

TEST_F(AMove, IsHeldUpByPodsThatDoNotStartAndTellsWhy) {
  begin_as("MVP");
  going("Growth");
  move_to("Growth");
  ASSERT_TRUE(stops_at("Roll"));
  const auto refuse_pods = [&](const Json& conditions) {
    const auto said =
        server.client().apply(kDeployment,
                              {{"apiVersion", "apps/v1"},
                               {"kind", "Deployment"},
                               {"metadata", {{"name", "demo-backend"}, {"namespace", server.ns()}}},
                               {"status", {{"conditions", conditions}}}},
                              {.manager = "test-quota", .subresource = "status"});
    ASSERT_TRUE(said) << said.error().message;
  };
  refuse_pods(Json::array({{{"type", "ReplicaFailure"},
                            {"status", "True"},
                            {"reason", "FailedCreate"},
                            {"message", "exceeded quota: requests.cpu"}}}));
  EXPECT_TRUE(eventually([&] { return transition("blockedBy").starts_with("PodsRefused: "); }))
      << read("demo").at("status").dump(2);
  EXPECT_EQ(reason_of("demo"), "PodsRefused");
  EXPECT_EQ(database_memory(), "1Gi");

  refuse_pods(Json::array());
  EXPECT_TRUE(arrives_as("Growth"));
}

TEST_F(AMove, PassesNoStepWhileSuspended) {
  begin_as("MVP");
  going("Growth");
  move_to("Growth");
  ASSERT_TRUE(stops_at("Roll"));
  change("demo", from_yaml("suspend: true"));
  ASSERT_TRUE(becomes("demo", "Suspended"));
  play_but("");
  EXPECT_TRUE(throughout(500ms, [&] { return transition("step") == "Roll"; }));
  change("demo", from_yaml("suspend: null"));
  EXPECT_TRUE(arrives_as("Growth"));
}

struct StepCase {
  std::string name;
  const char* from;
  const char* to;
  std::string step;
};

std::ostream& operator<<(std::ostream& out, const StepCase& row) { return out << row.name; }

class AtAStep : public AMove, public ::testing::WithParamInterface<StepCase> {
 protected:
  void come_to_it() {
    begin_as(GetParam().from);
    before = shape();
    going(GetParam().to);
    move_to(GetParam().to);
    ASSERT_TRUE(stops_at(GetParam().step));
  }
  /// What of the children belongs to a tier.
  Json shape() {
    return {{"pod", server.get(kDeployment, "demo-backend").at("spec").at("template")},
            {"database", server.get(kStatefulSet, "demo-database").at("spec").at("template")},
            {"cache", server.get(kStatefulSet, "demo-cache").at("spec").at("template")},
            {"budget", server.get(kPodDisruptionBudget, "demo-backend").at("spec")},
            {"bounds", bounds()}};
  }
  Json before;
};

TEST_P(AtAStep, AnOperatorThatStartsAnewGoesOn) {
  come_to_it();
  const auto begun = transition("startedAt");
  running->kill();
  const Versions left = versions();
  running = an_operator({"--leader-elect", "false"});
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  EXPECT_TRUE(throughout(500ms, [&] { return versions() == left; })) << "it finds what was left to it";
  EXPECT_EQ(transition("step"), GetParam().step);
  EXPECT_EQ(transition("startedAt"), begun);
  EXPECT_TRUE(arrives_as(GetParam().to)) << read("demo").at("status").dump(2);
}

TEST_P(AtAStep, SettingTheTierBackUndoesTheMove) {
  come_to_it();
  going(GetParam().from);
  move_to(GetParam().from);
  EXPECT_TRUE(arrives_as(GetParam().from)) << read("demo").at("status").dump(2);
  EXPECT_EQ(shape(), before);
}

/// The step is being undone: the tier was set back while it was done.
class OnTheWayBack : public AtAStep {};

TEST_P(OnTheWayBack, AnOperatorThatStartsAnewGoesOn) {
  come_to_it();
  const std::string undone = "Revert" + GetParam().step;
  move_to(GetParam().from);
  ASSERT_TRUE(eventually([&] { return transition("step") == undone; })) << read("demo").at("status").dump(2);
  going(GetParam().from);
  ASSERT_TRUE(stops_at(undone));
  const auto begun = transition("startedAt");
  running->kill();
  const Versions left = versions();
  running = an_operator({"--leader-elect", "false"});
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  EXPECT_TRUE(throughout(500ms, [&] { return versions() == left; })) << "it finds what was left to it";
  EXPECT_EQ(transition("step"), undone);
  EXPECT_EQ(transition("startedAt"), begun);
  EXPECT_TRUE(arrives_as(GetParam().from)) << read("demo").at("status").dump(2);
  EXPECT_EQ(shape(), before);
}

INSTANTIATE_TEST_SUITE_P(Steps, OnTheWayBack,
                         ::testing::Values(StepCase{"RevertRoll", "MVP", "Growth", "Roll"},
                                           StepCase{"RevertRollData", "MVP", "Growth", "RollData"},
                                           StepCase{"RevertShrink", "Growth", "MVP", "Shrink"}),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(Steps, AtAStep,
                         ::testing::Values(StepCase{"Headroom", "MVP", "Growth", "Headroom"},
                                           StepCase{"Roll", "MVP", "Growth", "Roll"},
                                           StepCase{"RollData", "MVP", "Growth", "RollData"},
                                           StepCase{"Shrink", "Growth", "MVP", "Shrink"}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::testing
