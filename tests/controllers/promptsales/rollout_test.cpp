// How far a roll-out is, from statuses as the controllers of Kubernetes write them.

#include "controllers/promptsales/rollout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/k8s/time.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_pod;
using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using State = Readiness::State;

/// An observed workload: as it is made, generation 2, with this status in YAML.
Object workload(const Child& child, const std::string& status) {
  Object object = object_of(child, inputs_of("tier: MVP"));
  object["metadata"]["generation"] = 2;
  object["spec"]["replicas"] = child.kind == k8s::kinds::kDeployment ? 2 : 1;
  object["status"] = from_yaml(status);
  return object;
}

Readiness readiness(const Child& child, const std::string& status, const Observed& observed = {}) {
  return child.ready(workload(child, status), inputs_of("tier: MVP"), observed);
}

struct RolloutCase {
  std::string name;
  std::string status;
  State state;
  std::string reason;
  std::string message;
};

void PrintTo(const RolloutCase& row, std::ostream* out) { *out << row.status; }

// --- Deployment

class DeploymentReadiness : public ::testing::TestWithParam<RolloutCase> {};

TEST_P(DeploymentReadiness, FollowsFromItsStatus) {
  const auto got = readiness(children::backend_deployment, GetParam().status);
  EXPECT_EQ(got.state, GetParam().state);
  EXPECT_EQ(got.reason, GetParam().reason);
  EXPECT_EQ(got.message, GetParam().message);
}

constexpr auto kGoing = State::kProgressing;

INSTANTIATE_TEST_SUITE_P(
    RollOut, DeploymentReadiness,
    ::testing::Values(
        RolloutCase{"NotSeenYet", "{}", kGoing, "RollingOut",
                    "the roll-out of Deployment shop/demo-backend begins"},
        RolloutCase{"StatusOfTheFormerGeneration",
                    "{observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: "
                    "2, availableReplicas: 2}",
                    kGoing, "RollingOut", "the roll-out of Deployment shop/demo-backend begins"},
        RolloutCase{"NoPodYet", "{observedGeneration: 2}", kGoing, "RollingOut",
                    "0 of 2 backend replicas are ready"},
        RolloutCase{"NoneServesYet", "{observedGeneration: 2, replicas: 2, updatedReplicas: 2}", kGoing,
                    "ReplicasNotReady", "0 of 2 backend replicas are ready"},
        RolloutCase{"OneServes",
                    "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: "
                    "1, availableReplicas: 1}",
                    kGoing, "ReplicasNotReady", "1 of 2 backend replicas are ready"},
        RolloutCase{"Surge",
                    "{observedGeneration: 2, replicas: 3, updatedReplicas: 1, readyReplicas: "
                    "2, availableReplicas: 2}",
                    kGoing, "RollingOut", "1 of 2 backend replicas are ready"},
        RolloutCase{"FormerReplicaLeft",
                    "{observedGeneration: 2, replicas: 3, updatedReplicas: 2, readyReplicas: "
                    "3, availableReplicas: 3}",
                    kGoing, "RollingOut", "1 replicas of the former revision are still there"},
        RolloutCase{"Done",
                    "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: "
                    "2, availableReplicas: 2}",
                    State::kReady, "", ""},
        RolloutCase{"PodsThatDoNotGetReady",
                    "{observedGeneration: 2, replicas: 3, updatedReplicas: 1, readyReplicas: 2, "
                    "availableReplicas: 2, "
                    "conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}",
                    State::kFailed, "ProgressDeadlineExceeded",
                    "the new pods of Deployment demo-backend do not get ready; kubectl -n shop logs "
                    "deployment/demo-backend says what they wait for"},
        RolloutCase{"MoreThanAskedForWhileScalingDown",
                    "{observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: "
                    "3, availableReplicas: 3}",
                    State::kReady, "", ""},
        RolloutCase{"ReadyButNotForLongEnough",
                    "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: "
                    "2, availableReplicas: 1}",
                    kGoing, "ReplicasNotReady", "1 of 2 backend replicas are ready"}),
    [](const auto& info) { return info.param.name; });

RolloutCase refused(const std::string& name, const std::string& why) {
  return {name,
          "{observedGeneration: 2, conditions: [{type: Progressing, status: 'True'}, {type: ReplicaFailure, "
          "status: "
          "'True', reason: FailedCreate, message: '" +
              why + "'}]}",
          State::kFailed, "PodsRefused", "the cluster refuses pods of Deployment shop/demo-backend: " + why};
}

INSTANTIATE_TEST_SUITE_P(
    Refused, DeploymentReadiness,
    ::testing::Values(
        refused("Quota",
                "pods \"demo-backend-6d5f-\" is forbidden: exceeded quota: small, requested: "
                "requests.cpu=250m, used: "
                "requests.cpu=0, limited: requests.cpu=200m"),
        refused("PodSecurity",
                "pods \"demo-backend-6d5f-\" is forbidden: violates PodSecurity \"restricted:latest\": "
                "runAsNonRoot != "
                "true"),
        refused("LimitRange",
                "pods \"demo-backend-6d5f-\" is forbidden: maximum memory usage per Container is 100Mi, but "
                "limit is "
                "256Mi"),
        refused(
            "ServiceAccount",
            "pods \"demo-backend-6d5f-\" is forbidden: error looking up service account shop/demo-backend: "
            "serviceaccount \"demo-backend\" not found"),
        RolloutCase{"NoLonger",
                    "{observedGeneration: 2, conditions: [{type: ReplicaFailure, status: 'False'}]}", kGoing,
                    "RollingOut", "0 of 2 backend replicas are ready"}),
    [](const auto& info) { return info.param.name; });

TEST(DeploymentReadiness, LetsPodsSayWhatIsWrong) {
  const Observed observed{.pods = {a_pod("backend",
                                         "{containerStatuses: [{name: backend, image: i, state: {waiting: "
                                         "{reason: ErrImagePull}}}]}")}};
  for (const auto* status :
       {"{}", "{observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2}"}) {
    const auto got = readiness(children::backend_deployment, status, observed);
    EXPECT_EQ(got.state, State::kFailed);
    EXPECT_EQ(got.reason, "ImagePullFailed");
  }
}

TEST(DeploymentReadiness, NamesAPodThatHasFallenSilentUnlessItIsBeingReplaced) {
  Observed observed;
  observed.pods = {a_pod("backend",
                         "{phase: Running, conditions: [{type: Ready, status: 'False', lastTransitionTime: "
                         "'2026-11-21T10:00:30Z'}], containerStatuses: [{name: backend, state: {running: "
                         "{startedAt: '2026-11-21T10:00:00Z'}}}]}")};
  const auto of = [&](const char* status) {
    return readiness(children::backend_deployment, status, observed);
  };
  EXPECT_EQ(of("{observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1}").reason,
            "NotAnswering");
  EXPECT_EQ(of("{observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2}").reason,
            "RollingOut");
}

TEST(DeploymentReadiness, IsNotSpoiltByAPodThatNobodyWaitsFor) {
  const Observed observed{.pods = {a_pod("backend",
                                         "{containerStatuses: [{name: backend, image: i, state: {waiting: "
                                         "{reason: ErrImagePull}}}]}")}};
  EXPECT_TRUE(readiness(children::backend_deployment,
                        "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}",
                        observed)
                  .ready());
}

// --- StatefulSet

class StatefulSetReadiness : public ::testing::TestWithParam<RolloutCase> {};

TEST_P(StatefulSetReadiness, FollowsFromItsStatus) {
  const auto got = readiness(children::database_server, GetParam().status);
  EXPECT_EQ(got.state, GetParam().state);
  EXPECT_EQ(got.reason, GetParam().reason);
  EXPECT_EQ(got.message, GetParam().message);
}

constexpr auto kNoneReady = "the database is starting: 0 of 1 replicas are ready";

INSTANTIATE_TEST_SUITE_P(
    RollOut, StatefulSetReadiness,
    ::testing::Values(
        RolloutCase{"NotSeenYet", "{}", kGoing, "Starting", kNoneReady},
        RolloutCase{"NotReadyYet",
                    "{observedGeneration: 2, replicas: 1, currentRevision: a, updateRevision: a}", kGoing,
                    "Starting", kNoneReady},
        RolloutCase{
            "StatusOfTheFormerGeneration",
            "{observedGeneration: 1, replicas: 1, readyReplicas: 1, currentRevision: a, updateRevision: a}",
            kGoing, "Starting", "the database is starting: 1 of 1 replicas are ready"},
        RolloutCase{
            "FormerRevision",
            "{observedGeneration: 2, replicas: 1, readyReplicas: 1, currentRevision: a, updateRevision: b}",
            kGoing, "RollingOut", "the database is starting: 1 of 1 replicas are ready"},
        RolloutCase{"Done",
                    "{observedGeneration: 2, replicas: 1, readyReplicas: 1, updatedReplicas: 1, "
                    "currentRevision: b, updateRevision: b}",
                    State::kReady, "", ""},
        // Changed back before the pod of the other revision was replaced.
        RolloutCase{"OfAnotherRevisionThanTheNewest",
                    "{observedGeneration: 2, replicas: 1, readyReplicas: 1, updatedReplicas: 0, "
                    "currentRevision: b, updateRevision: b}",
                    kGoing, "Starting", "the database is starting: 1 of 1 replicas are ready"}),
    [](const auto& info) { return info.param.name; });

// Scaled by hand, or an autoscaler whose minimum was raised and that has not acted yet.
TEST(DeploymentWithFewerReplicasThanTheSpecAsksFor, IsNotReady) {
  Object deployment =
      workload(children::backend_deployment,
               "{observedGeneration: 2, replicas: 0, updatedReplicas: 0, availableReplicas: 0}");
  deployment["spec"]["replicas"] = 0;
  const auto got = children::backend_deployment.ready(deployment, inputs_of("tier: MVP"), {});
  EXPECT_EQ(got.state, kGoing);
  EXPECT_EQ(got.message, "0 of 2 backend replicas are ready");
}

// --- the volume

Observed with_claim(const std::string& status, std::vector<Object> pods = {}) {
  Observed observed{.pods = std::move(pods)};
  observed.children[{k8s::kinds::kPersistentVolumeClaim.kind, "data-demo-database-0"}] = {
      {"metadata", {{"name", "data-demo-database-0"}}}, {"status", from_yaml(status)}};
  return observed;
}

Object unplaced_pod(const std::string& why) {
  return a_pod("database",
               "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, "
               "message: '" +
                   why + "'}]}",
               "0");
}

TEST(AStatefulSetWithoutAPod, SaysThatItIsRefusedOnceItsControllerHasLooked) {
  constexpr auto kNone = "{observedGeneration: 2, replicas: 0, currentRevision: a, updateRevision: a}";
  for (const Child* child : {&children::database_server, &children::cache_server}) {
    const auto got = readiness(*child, kNone, {});
    EXPECT_EQ(got.state, State::kFailed);
    EXPECT_EQ(got.reason, "PodsRefused");
    EXPECT_NE(got.message.find("kubectl -n shop get events"), std::string::npos) << got.message;
    EXPECT_EQ(readiness(*child, "{}", {}).reason, "Starting");
  }
  Observed with_pod;
  with_pod.pods = {a_pod("database", "{phase: Pending}")};
  EXPECT_EQ(readiness(children::database_server, kNone, with_pod).reason, "Starting");
}

TEST(AStatefulSetWithoutAPod, OfTheMessagingHasPodsOfItsOwn) {
  const auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  Object server = object_of(children::messaging_server, inputs);
  server["metadata"]["generation"] = 2;
  server["spec"]["replicas"] = 1;
  server["status"] = from_yaml("{observedGeneration: 2, replicas: 0, currentRevision: a, updateRevision: a}");
  Observed observed;
  observed.pods = {a_pod("backend", "{phase: Running}")};
  EXPECT_EQ(children::messaging_server.ready(server, inputs, observed).reason, "PodsRefused");
  observed.pods = {a_pod("messaging", "{phase: Pending}")};
  EXPECT_EQ(children::messaging_server.ready(server, inputs, observed).reason, "Starting");
}

constexpr auto kStarting = "{observedGeneration: 2, replicas: 1, currentRevision: a, updateRevision: a}";

TEST(DatabaseVolume, ThatIsNotBoundIsNamed) {
  for (const auto& observed :
       {with_claim("{phase: Pending}"),
        with_claim("{phase: Pending}", {unplaced_pod("0/1 nodes are available: pod has unbound immediate "
                                                     "PersistentVolumeClaims.")}),
        with_claim("{phase: Pending}",
                   {unplaced_pod("0/1 nodes are available: 1 node(s) didn''t find available "
                                 "persistent volumes to bind.")})}) {
    const auto got = readiness(children::database_server, kStarting, observed);
    EXPECT_EQ(got.state, State::kWaiting);
    EXPECT_EQ(got.reason, "VolumePending");
    EXPECT_EQ(
        got.message,
        "PersistentVolumeClaim data-demo-database-0 is Pending; a storage class that provides it is needed "
        "(spec.database.storageClassName)");
  }
}

// The scheduler says so for a moment of nearly every new volume; said at once, it would be a false alarm.
TEST(DatabaseVolume, ThatIsBoundIsNotCalledShortBeforeTheSchedulerHasHadTimeToNotice) {
  Object pod = unplaced_pod("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
  pod["status"]["conditions"][0]["lastTransitionTime"] = "2026-11-21T10:00:00Z";
  auto observed = with_claim("{phase: Bound}", {pod});
  const auto at = [&](const char* now) {
    observed.now = *k8s::parse_time(now);
    return readiness(children::database_server, kStarting, observed);
  };
  EXPECT_EQ(at("2026-11-21T10:00:04Z").state, State::kWaiting);
  EXPECT_EQ(at("2026-11-21T10:00:04Z").reason, "VolumePending");
  EXPECT_EQ(at("2026-11-21T10:00:05Z").state, State::kFailed);
  EXPECT_EQ(at("2026-11-21T10:00:05Z").reason, "Unschedulable");
}

// On a full node a roll-out has to take a pod away before the next one fits: that is no shortage.
TEST(BackendThatRollsOut, IsNotCalledShortBeforeFormerPodsHaveHadTimeToGo) {
  Object pod = a_pod("backend",
                     "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: "
                     "Unschedulable, message: '0/1 nodes are available: 1 Insufficient cpu.', "
                     "lastTransitionTime: '2026-11-21T10:00:00Z'}]}");
  const auto inputs = inputs_of("tier: MVP");
  const auto at = [&](const char* now, const char* status) {
    Observed observed{.now = *k8s::parse_time(now)};
    observed.pods = {pod};
    Object deployment = object_of(children::backend_deployment, inputs);
    deployment["metadata"]["generation"] = 2;
    deployment["spec"]["replicas"] = 2;
    deployment["status"] = from_yaml(status);
    return std::pair{children::backend_deployment.ready(deployment, inputs, observed),
                     node_awaited(inputs, observed)};
  };
  const char* rolling = "{observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2}";
  EXPECT_EQ(at("2026-11-21T10:00:04Z", rolling).first.reason, "RollingOut");
  EXPECT_EQ(at("2026-11-21T10:00:04Z", rolling).second, std::chrono::seconds{1});
  EXPECT_EQ(at("2026-11-21T10:00:05Z", rolling).first.reason, "Unschedulable");
  EXPECT_EQ(at("2026-11-21T10:00:05Z", rolling).second, std::nullopt);
  const char* growing = "{observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1}";
  EXPECT_EQ(at("2026-11-21T10:00:01Z", growing).first.reason, "Unschedulable") << "nothing makes room for it";
}

// Most classes bind a claim only when its pod has got a node: then the volume is not what is short.
TEST(DatabaseVolume, ThatWaitsForItsPodDoesNotHideWhyThePodHasNoNode) {
  const auto got =
      readiness(children::database_server, kStarting,
                with_claim("{phase: Pending}", {unplaced_pod("0/1 nodes are available: 1 Insufficient "
                                                             "memory.")}));
  EXPECT_EQ(got.state, State::kFailed);
  EXPECT_EQ(got.reason, "Unschedulable");
}

TEST(DatabaseVolume, ThatIsBoundIsNoMatter) {
  EXPECT_EQ(readiness(children::database_server, kStarting, with_claim("{phase: Bound}")).reason, "Starting");
}

TEST(DatabaseVolume, IsNoMatterOfTheCache) {
  EXPECT_EQ(readiness(children::cache_server, kStarting, with_claim("{phase: Pending}")).message,
            "the cache is starting: 0 of 1 replicas are ready");
}

}  // namespace
}  // namespace promptsales::controllers
