// What the settings of spec.backend make of the backend's children.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/children/backend_autoscaler.hpp"
#include "operator/k8s/time.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using promptsales::testing::objects_of;

Inputs inputs_with(const std::string& backend) { return inputs_of("{tier: MVP, backend: " + backend + "}"); }

Object deployment_of(const Inputs& inputs) { return object_of(children::backend_deployment, inputs); }

const Json& backend_container(const Object& deployment) {
  return deployment.at("spec").at("template").at("spec").at("containers").at(0);
}

// --- disruption budget

struct BudgetCase {
  std::string name;
  std::string autoscaling;
  std::string max_unavailable;
  std::optional<Json> want;
};

void PrintTo(const BudgetCase& row, std::ostream* out) { *out << row.autoscaling; }

class DisruptionBudget : public ::testing::TestWithParam<BudgetCase> {};

TEST_P(DisruptionBudget, FollowsTheLeastNumberOfReplicas) {
  auto inputs = inputs_with("{autoscaling: " + GetParam().autoscaling + "}");
  inputs.effective.max_unavailable = GetParam().max_unavailable;
  const auto budget = children::backend_budget.desired(inputs);
  ASSERT_EQ(budget.has_value(), GetParam().want.has_value());
  if (!budget) return;
  EXPECT_EQ(budget->at("spec").at("maxUnavailable"), *GetParam().want);
  EXPECT_FALSE(budget->at("spec").contains("minAvailable"));
}

INSTANTIATE_TEST_SUITE_P(
    Replicas, DisruptionBudget,
    ::testing::Values(BudgetCase{"NoneForASingleReplica", "{type: None, minReplicas: 1}", "1", std::nullopt},
                      BudgetCase{"NoneWhileScalingMayLeaveOne", "{minReplicas: 1, maxReplicas: 9}", "1",
                                 std::nullopt},
                      BudgetCase{"OneAtATimeFromTwo", "{type: None, minReplicas: 2}", "1", 1},
                      BudgetCase{"OneAtATimeForMany", "{minReplicas: 50, maxReplicas: 60}", "1", 1},
                      BudgetCase{"AShareAsText", "{minReplicas: 6, maxReplicas: 24}", "25%", "25%"}),
    [](const auto& info) { return info.param.name; });

// --- replicas: exactly one of Deployment and autoscaler keeps them, or nobody

TEST(BackendReplicas, AreNobodysWithoutAnAutoscalerAndANumber) {
  const auto inputs = inputs_with("{autoscaling: {type: None}}");
  EXPECT_FALSE(deployment_of(inputs).at("spec").contains("replicas"));
  ASSERT_TRUE(initial_replicas(inputs));
  EXPECT_EQ(initial_replicas(inputs)->at("spec").at("replicas"), 2) << "what a new one begins with";
  EXPECT_FALSE(children::backend_autoscaler.desired(inputs));
}

TEST(BackendReplicas, AreKeptByTheAutoscalerAloneOnceItIsThere) {
  const auto inputs =
      inputs_with("{autoscaling: {minReplicas: 3, maxReplicas: 7, targetCPUUtilization: 70}}");
  EXPECT_FALSE(deployment_of(inputs).at("spec").contains("replicas"));
  const auto spec = object_of(children::backend_autoscaler, inputs).at("spec");
  EXPECT_EQ(spec.at("minReplicas"), 3);
  EXPECT_EQ(spec.at("maxReplicas"), 7);
  EXPECT_EQ(spec.at("metrics").size(), 1U);
  const auto& metric = spec.at("metrics").at(0).at("containerResource");
  EXPECT_EQ(metric.at("container"), backend_container(deployment_of(inputs)).at("name"));
  EXPECT_EQ(metric.at("target").at("averageUtilization"), 70);
}

TEST(BackendReplicas, AreKeptByTheDeploymentWithoutAnAutoscaler) {
  const auto inputs = inputs_with("{autoscaling: {type: None, minReplicas: 4}}");
  EXPECT_EQ(deployment_of(inputs).at("spec").at("replicas"), 4);
  EXPECT_EQ(children::backend_autoscaler.desired(inputs), std::nullopt);
  EXPECT_EQ(initial_replicas(inputs), std::nullopt);
}

TEST(BackendReplicas, AreGivenOnceByAnObjectThatSaysNothingElse) {
  const auto first = initial_replicas(inputs_with("{autoscaling: {minReplicas: 3, maxReplicas: 7}}"));
  const Object want{{"apiVersion", "apps/v1"},
                    {"kind", "Deployment"},
                    {"metadata", {{"name", "demo-backend"}, {"namespace", "shop"}}},
                    {"spec", {{"replicas", 3}}}};
  EXPECT_EQ(first, want);
}

TEST(BackendAutoscaler, ScalesTheDeploymentThatIsMade) {
  const auto inputs = inputs_of("tier: MVP");
  const auto deployment = deployment_of(inputs);
  const Json want{{"apiVersion", deployment.at("apiVersion")},
                  {"kind", deployment.at("kind")},
                  {"name", deployment.at("metadata").at("name")}};
  EXPECT_EQ(object_of(children::backend_autoscaler, inputs).at("spec").at("scaleTargetRef"), want);
}

// --- pods are replaced exactly when what they read at start has changed

using Change = void (*)(Inputs&);

struct HashCase {
  std::string name;
  Change change;
  std::string annotation;
};

void PrintTo(const HashCase& row, std::ostream* out) { *out << row.annotation; }

class TemplateAnnotation : public ::testing::TestWithParam<HashCase> {};

TEST_P(TemplateAnnotation, IsAllOfTheDeploymentThatChangesWithWhatPodsReadAtStart) {
  auto inputs = inputs_of("tier: MVP");
  auto before = deployment_of(inputs);
  GetParam().change(inputs);
  auto after = deployment_of(inputs);
  auto& old_hash = before["spec"]["template"]["metadata"]["annotations"][GetParam().annotation];
  auto& new_hash = after["spec"]["template"]["metadata"]["annotations"][GetParam().annotation];
  EXPECT_NE(old_hash, new_hash);
  new_hash = old_hash;
  EXPECT_EQ(before, after);
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, TemplateAnnotation,
    ::testing::Values(HashCase{"DatabasePassword",
                               [](Inputs& inputs) {
                                 inputs.bindings[Component::kDatabase]["password"] = "new";
                               },
                               "promptsales.io/binding-hash-database"},
                      HashCase{"CachePassword",
                               [](Inputs& inputs) { inputs.bindings[Component::kCache]["password"] = "new"; },
                               "promptsales.io/binding-hash-cache"},
                      HashCase{"Settings", [](Inputs& inputs) { inputs.effective.database.pool_size = 3; },
                               "promptsales.io/config-hash"}),
    [](const auto& info) { return info.param.name; });

TEST(TemplateAnnotations, StayWhenOnlyTheNumberOfPodsChanges) {
  EXPECT_EQ(deployment_of(inputs_with("{autoscaling: {minReplicas: 2, maxReplicas: 3}}")),
            deployment_of(
                inputs_with("{autoscaling: {minReplicas: 3, maxReplicas: 4, targetCPUUtilization: 50}}")));
}

TEST(TemplateAnnotations, LeaveCredentialsOutWherePodsFollowThemAndKeepTheServer) {
  auto inputs = inputs_of("{tier: MVP, secretRotation: {strategy: HotReload}}");
  const auto before = deployment_of(inputs);
  EXPECT_EQ(object_of(children::backend_config, inputs).at("data").at("PROMPTSALES_BINDING_RELOAD"), "true");
  for (const Component component : {Component::kDatabase, Component::kCache})
    inputs.bindings.at(component)["password"] = "new";
  EXPECT_EQ(deployment_of(inputs), before);
  inputs.bindings.at(Component::kDatabase)["host"] = "elsewhere";
  EXPECT_NE(deployment_of(inputs), before) << "another server has other data";
  inputs = inputs_of("{tier: MVP, secretRotation: {strategy: HotReload}}");
  inputs.tls->generations.trust = 2;
  EXPECT_NE(deployment_of(inputs), before) << "another CA is no binding";
}

TEST(BackendConfig, HoldsEverySettingThatTheHashIsOf) {
  const auto inputs = inputs_of("tier: MVP");
  EXPECT_EQ(object_of(children::backend_config, inputs).at("data"), Json(backend_settings(inputs)));
}

// --- container

TEST(BackendEnvironment, KeepsTheOrderOfTheSpecBehindWhatTheOperatorSets) {
  const auto env = backend_container(deployment_of(inputs_with(
                                         "{env: [{name: Z, value: last-in-the-alphabet}, {name: A, "
                                         "valueFrom: {secretKeyRef: {name: s, key: k}}}, "
                                         "{name: M, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}")))
                       .at("env");
  const Json want = promptsales::testing::from_yaml(R"(
- {name: SERVICE_BINDING_ROOT, value: /bindings}
- {name: Z, value: last-in-the-alphabet}
- {name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}
- {name: M, valueFrom: {configMapKeyRef: {name: c, key: k}}}
)");
  EXPECT_EQ(env, want);
}

// The server drops it: sent as written, the Deployment would look changed to every new operator process.
TEST(BackendEnvironment, LeavesOutAnEmptyValueAsTheServerDoes) {
  const auto env =
      backend_container(deployment_of(inputs_with("{env: [{name: EMPTY, value: ''}]}"))).at("env");
  EXPECT_EQ(env.at(1), (Json{{"name", "EMPTY"}}));
}

TEST(BackendImage, IsTheOperatorsUnlessTheSpecNamesOne) {
  EXPECT_EQ(backend_container(deployment_of(inputs_of("tier: MVP"))).at("image"),
            "registry.example/backend:1");
  EXPECT_EQ(backend_container(deployment_of(inputs_of("{tier: MVP, image: mine}"))).at("image"), "mine");
}

TEST(BackendService, SendsToThePortsOfTheContainer) {
  const auto inputs = inputs_of("tier: MVP");
  const auto service = object_of(children::backend_service, inputs);
  const auto& port = service.at("spec").at("ports").at(0);
  const auto deployment = deployment_of(inputs);
  std::set<std::string> names;
  for (const Json& each : backend_container(deployment).at("ports")) names.insert(each.at("name"));
  EXPECT_EQ(port.at("port"), 443);
  EXPECT_TRUE(names.contains(port.at("targetPort")));
}

TEST(BackendPods, HaveTimeToDrainBeforeTheyAreKilled) {
  const auto grace = deployment_of(inputs_of("tier: MVP"))
                         .at("spec")
                         .at("template")
                         .at("spec")
                         .at("terminationGracePeriodSeconds");
  EXPECT_GT(grace, kDrainSeconds);
}

TEST(RollOut, TakesNoPodAwayBeforeAnotherServes) {
  const auto strategy =
      deployment_of(inputs_with("{autoscaling: {maxReplicas: 9}}")).at("spec").at("strategy");
  EXPECT_EQ(strategy.at("rollingUpdate").at("maxUnavailable"), 0);
  EXPECT_EQ(strategy.at("rollingUpdate").at("maxSurge"), 3);
}

// --- the autoscaler's own words; shapes as the controller manager writes them

struct ScalerCase {
  std::string name;
  std::string status;
  Readiness::State state;
  std::string reason;
  std::string message;
};

void PrintTo(const ScalerCase& row, std::ostream* out) { *out << row.status; }

class Autoscaler : public ::testing::TestWithParam<ScalerCase> {};

TEST_P(Autoscaler, SaysWhetherItScales) {
  const auto inputs = inputs_of("tier: MVP");
  auto object = object_of(children::backend_autoscaler, inputs);
  object["status"] = promptsales::testing::from_yaml(GetParam().status);
  const auto readiness = children::backend_autoscaler.ready(object, inputs, {});
  EXPECT_EQ(readiness.state, GetParam().state);
  EXPECT_EQ(readiness.reason, GetParam().reason);
  EXPECT_EQ(readiness.message, GetParam().message);
}

constexpr auto kGoing = Readiness::State::kProgressing;

INSTANTIATE_TEST_SUITE_P(
    Statuses, Autoscaler,
    ::testing::Values(
        ScalerCase{"NotLookedAtYet", "{}", kGoing, "AutoscalerStarting",
                   "the autoscaler has not looked at the Deployment yet"},
        ScalerCase{"NothingSaidOfScaling",
                   "{conditions: [{type: AbleToScale, status: 'True', reason: SucceededGetScale}]}", kGoing,
                   "AutoscalerStarting", "the autoscaler has not looked at the Deployment yet"},
        ScalerCase{"Active",
                   "{conditions: [{type: AbleToScale, status: 'True', reason: ReadyForNewScale}, {type: "
                   "ScalingActive, status: 'True', reason: ValidMetricFound}]}",
                   Readiness::State::kReady, "", ""},
        ScalerCase{"NoMetrics",
                   "{conditions: [{type: AbleToScale, status: 'True', reason: SucceededGetScale}, {type: "
                   "ScalingActive, status: 'False', reason: FailedGetContainerResourceMetric, message: no "
                   "metrics returned from resource metrics API}]}",
                   kGoing, "FailedGetContainerResourceMetric",
                   "the autoscaler cannot scale: no metrics returned from resource metrics API; if it stays, "
                   "install metrics-server or set "
                   "spec.backend.autoscaling.type to None"},
        ScalerCase{
            "NoSamples",
            "{conditions: [{type: ScalingActive, status: 'False', reason: "
            "FailedGetContainerResourceMetric, message: did not receive metrics for targeted pods (pods "
            "might be unready)}]}",
            kGoing, "FailedGetContainerResourceMetric",
            "the autoscaler cannot scale: did not receive metrics for targeted pods (pods might be "
            "unready); if it stays, check that the pods get ready and that metrics-server measures them "
            "(kubectl top pods)"},
        ScalerCase{
            "SwitchedOffByAPerson",
            "{conditions: [{type: ScalingActive, status: 'False', reason: ScalingDisabled, message: zero}]}",
            kGoing, "ScalingDisabled",
            "the autoscaler cannot scale: zero; if it stays, scale the Deployment to at least one replica"},
        ScalerCase{"NoTarget",
                   "{conditions: [{type: AbleToScale, status: 'False', reason: FailedGetScale, message: no "
                   "target}]}",
                   kGoing, "FailedGetScale",
                   "the autoscaler cannot scale: no target; if it stays, kubectl describe hpa says "
                   "more"}),
    [](const auto& info) { return info.param.name; });

// --- KEDA

const std::string kKedaSpec =
    "{tier: MVP, backend: {autoscaling: {type: KEDA, maxReplicas: 9, targetCPUUtilization: 45}}}";

TEST(Keda, ScalesByTheSameSignalAtTheSamePace) {
  const auto inputs = inputs_of(kKedaSpec);
  EXPECT_FALSE(children::backend_autoscaler.desired(inputs)) << "two would fight over the replicas";
  const auto spec = object_of(children::backend_scaled_object, inputs).at("spec");
  EXPECT_EQ(spec.at("minReplicaCount"), 2);
  EXPECT_EQ(spec.at("maxReplicaCount"), 9);
  ASSERT_EQ(spec.at("triggers").size(), 1U);
  EXPECT_EQ(spec.at("triggers").at(0).at("metadata"), (Json{{"value", "45"}, {"containerName", "backend"}}));
  EXPECT_EQ(spec.at("advanced").at("horizontalPodAutoscalerConfig").at("behavior").at("scaleDown"),
            object_of(children::backend_autoscaler, inputs_of("tier: MVP"))
                .at("spec")
                .at("behavior")
                .at("scaleDown"));
  EXPECT_FALSE(object_of(children::backend_deployment, inputs).at("spec").contains("replicas"));
}

TEST(Keda, ScalesByRequestsWhereItIsKnownWhoCountsThem) {
  auto inputs = inputs_of(kKedaSpec);
  inputs.request_metrics = RequestMetrics{.prometheus = "http://p:9090", .requests_per_second = 40};
  const auto trigger = object_of(children::backend_scaled_object, inputs).at("spec").at("triggers").at(1);
  EXPECT_EQ(trigger.at("metadata").at("serverAddress"), "http://p:9090");
  EXPECT_EQ(trigger.at("metadata").at("threshold"), "40");
  EXPECT_EQ(trigger.at("metadata").at("ignoreNullValues"), "false");
  EXPECT_EQ(
      trigger.at("metadata").at("query"),
      R"(sum(rate(http_server_request_duration_seconds_count{namespace="shop",pod=~"demo-backend-.+"}[2m])))");
}

TEST(Keda, SaysWhetherItScales) {
  const auto inputs = inputs_of(kKedaSpec);
  const auto readiness = [&](const std::string& status) {
    auto object = object_of(children::backend_scaled_object, inputs);
    object["status"] = promptsales::testing::from_yaml(status);
    return children::backend_scaled_object.ready(object, inputs, {});
  };
  EXPECT_EQ(readiness("{}").reason, "AutoscalerStarting");
  EXPECT_EQ(readiness("{conditions: [{type: Ready, status: Unknown}]}").reason, "AutoscalerStarting");
  EXPECT_TRUE(
      readiness("{conditions: [{type: Active, status: 'False'}, {type: Ready, status: 'True'}]}").ready());
  const auto failed = readiness(
      "{conditions: [{type: Ready, status: 'False', reason: ScaledObjectCheckFailed, message: no such "
      "host}]}");
  EXPECT_EQ(failed.state, kGoing);
  EXPECT_EQ(failed.reason, "ScaledObjectCheckFailed");
  EXPECT_EQ(failed.message,
            "KEDA cannot scale: no such host; if it stays, kubectl describe scaledobject says more");
}

// Metrics of a pod come up to 90 s after it: a roll-out is no failure of the autoscaler.
class NewPods : public ::testing::Test {
 protected:
  NewPods() {
    object["status"] = from_yaml(
        "{conditions: [{type: ScalingActive, status: 'False', reason: FailedGetContainerResourceMetric, "
        "message: did not receive metrics for targeted pods (pods might be unready)}]}");
    auto pod = promptsales::testing::a_pod("backend", "{phase: Running}");
    pod["metadata"]["creationTimestamp"] = "2026-11-21T10:00:00Z";
    observed.pods.push_back(pod);
  }
  Readiness at(const char* time) {
    observed.now = *k8s::parse_time(time);
    return children::backend_autoscaler.ready(object, inputs, observed);
  }

  Inputs inputs = inputs_of("tier: MVP");
  Object object = object_of(children::backend_autoscaler, inputs);
  Observed observed;
};

TEST_F(NewPods, LeaveAnAutoscalerThatScaledAsItWas) {
  inputs.app.status = from_yaml("conditions: [{type: AutoscalingActive, status: 'True'}]");
  const auto readiness = at("2026-11-21T10:01:00Z");
  EXPECT_TRUE(readiness.ready());
  observed.children[{k8s::kinds::kHorizontalPodAutoscaler.kind, "demo-backend"}] = object;
  EXPECT_EQ(metrics_awaited(inputs, observed), std::chrono::seconds{30});
  EXPECT_EQ(at("2026-11-21T10:01:31Z").reason, "FailedGetContainerResourceMetric");
}

TEST_F(NewPods, AreWaitedForByAnAutoscalerThatIsNew) {
  EXPECT_EQ(at("2026-11-21T10:01:00Z").reason, "AutoscalerStarting");
}

TEST_F(NewPods, AreNoReasonWhereNobodyServesMetrics) {
  object["status"]["conditions"][0]["message"] = "unable to fetch metrics from resource metrics API";
  const auto readiness = at("2026-11-21T10:01:00Z");
  EXPECT_EQ(readiness.reason, "FailedGetContainerResourceMetric");
  EXPECT_THAT(readiness.message, ::testing::HasSubstr("install metrics-server"));
}

}  // namespace
}  // namespace promptsales::controllers
