// Why pods do not work, from statuses in the shapes that the kubelet and the scheduler write.

#include "controllers/promptsales/pods.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/a_promptsales.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_pod;
using promptsales::testing::a_promptsales;
using promptsales::testing::container_in;
using ::testing::HasSubstr;

std::optional<Readiness> failure_of(const std::vector<Object>& pods,
                                    Component component = Component::kBackend) {
  return pod_failure(pods, a_promptsales("tier: MVP"), component);
}

struct FailureCase {
  std::string name;
  std::string status;
  std::string reason;
  std::string message;
};

void PrintTo(const FailureCase& row, std::ostream* out) { *out << row.status; }

class PodFailure : public ::testing::TestWithParam<FailureCase> {};

TEST_P(PodFailure, SaysWhatAPersonCanDo) {
  const auto failure = failure_of({a_pod("backend", GetParam().status)});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->state, Readiness::State::kFailed);
  EXPECT_EQ(failure->reason, GetParam().reason);
  EXPECT_EQ(failure->message, GetParam().message);
}

std::string waiting(const std::string& reason, const std::string& message) {
  return container_in("backend", "state: {waiting: {reason: " + reason + ", message: '" + message + "'}}");
}

FailureCase no_image(const std::string& reason) {
  return {reason, waiting(reason, "Back-off pulling image"), "ImagePullFailed",
          "pod demo-backend-x: container backend cannot get the image registry.example/backend:1 (" + reason +
              "); check that it exists, and that the nodes may pull it"};
}

INSTANTIATE_TEST_SUITE_P(Images, PodFailure,
                         ::testing::Values(no_image("ErrImagePull"), no_image("ImagePullBackOff"),
                                           no_image("ErrImageNeverPull"), no_image("InvalidImageName"),
                                           no_image("ImageInspectError"), no_image("RegistryUnavailable"),
                                           no_image("SignatureValidationFailed")),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Configuration, PodFailure,
    ::testing::Values(
        FailureCase{"MissingSecret", waiting("CreateContainerConfigError", "secret \"partner\" not found"),
                    "ContainerConfigError",
                    "pod demo-backend-x: container backend cannot start: secret \"partner\" not found; "
                    "provide what is "
                    "named, or take it out of spec.backend.env"},
        FailureCase{
            "MissingKey", waiting("CreateContainerConfigError", "couldn''t find key k in ConfigMap shop/c"),
            "ContainerConfigError",
            "pod demo-backend-x: container backend cannot start: couldn't find key k in ConfigMap shop/c; "
            "provide what is named, or take it out of spec.backend.env"},
        FailureCase{"RuntimeRefuses", waiting("CreateContainerError", "failed to reserve container name"),
                    "ContainerConfigError",
                    "pod demo-backend-x: container backend cannot start: failed to reserve container name; "
                    "provide what "
                    "is named, or take it out of spec.backend.env"}),
    [](const auto& info) { return info.param.name; });

std::string looping(const std::string& ended) {
  return container_in("backend",
                      "state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s}}, lastState: "
                      "{terminated: {" +
                          ended + "}}");
}

INSTANTIATE_TEST_SUITE_P(
    Crashes, PodFailure,
    ::testing::Values(
        FailureCase{
            "ExitCode", looping("exitCode: 3, reason: Error"), "CrashLoop",
            "pod demo-backend-x: container backend was restarted 3 times: it ended with exit code 3; see "
            "kubectl logs --previous"},
        FailureCase{"LastWords",
                    looping("exitCode: 1, reason: Error, message: 'port 80 is taken; choose another'"),
                    "CrashLoop",
                    "pod demo-backend-x: container backend was restarted 3 times: it ended with exit code 1: "
                    "port 80 is "
                    "taken; choose another"},
        FailureCase{
            "OutOfMemory", looping("exitCode: 137, reason: OOMKilled"), "CrashLoop",
            "pod demo-backend-x: container backend was restarted 3 times: it ran out of memory; raise its "
            "memory limit"},
        FailureCase{
            "NeverStarted",
            looping("exitCode: 128, reason: StartError, message: 'exec: \"/nosuch\": no such file'"),
            "CrashLoop",
            "pod demo-backend-x: container backend was restarted 3 times: it could not be started: exec: "
            "\"/nosuch\": no such file; check its image"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Scheduling, PodFailure,
    ::testing::Values(FailureCase{
        "NoRoom",
        "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: "
        "'0/1 nodes "
        "are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims "
        "found.'}]}",
        "Unschedulable",
        "pod demo-backend-x fits on no node: 0/1 nodes are available: 1 Insufficient cpu; add room, or lower "
        "the resources that the spec asks for"}),
    [](const auto& info) { return info.param.name; });

TEST(PodFailureOfAnInitContainer, IsSaidToo) {
  const auto failure =
      failure_of({a_pod("backend",
                        "{initContainerStatuses: [{name: prepare, image: i, state: {waiting: "
                        "{reason: ErrImagePull}}}]}")});
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("container prepare cannot get the image i"));
}

// --- nothing that only needs time, and nothing of others

struct FineCase {
  std::string name;
  std::string status;
};

void PrintTo(const FineCase& row, std::ostream* out) { *out << row.status; }

class PodWithoutFailure : public ::testing::TestWithParam<FineCase> {};

TEST_P(PodWithoutFailure, NeedsTimeAndNoPerson) {
  EXPECT_FALSE(failure_of({a_pod("backend", GetParam().status)}));
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, PodWithoutFailure,
    ::testing::Values(FineCase{"Nothing", "{}"}, FineCase{"Creating", waiting("ContainerCreating", "")},
                      FineCase{"Starting", container_in("backend", "state: {running: {}}")},
                      FineCase{"RunningAfterACrash",
                               container_in("backend",
                                            "state: {running: {}}, lastState: {terminated: {exitCode: 1}}")},
                      FineCase{"EndedOnce", container_in("backend", "state: {terminated: {exitCode: 0}}")},
                      FineCase{"NotScheduledYet", "{phase: Pending, conditions: []}"}),
    [](const auto& info) { return info.param.name; });

TEST(PodFailures, OfPodsThatAreGoingAwayArePassedOver) {
  auto pod = a_pod("backend", waiting("ErrImagePull", ""));
  pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  EXPECT_FALSE(failure_of({pod}));
}

TEST(PodFailures, OfOtherComponentsAndResourcesArePassedOver) {
  auto foreign = a_pod("backend", waiting("ErrImagePull", ""));
  foreign["metadata"]["labels"]["promptsales.io/name"] = "other";
  const auto database = a_pod("database", waiting("ErrImagePull", ""));
  EXPECT_FALSE(failure_of({foreign, database}, Component::kBackend));
  EXPECT_TRUE(failure_of({foreign, database}, Component::kDatabase));
}

TEST(PodFailures, AreToldWorstFirstWhateverTheOrderOfThePods) {
  const auto crashing = a_pod("backend", looping("exitCode: 1"), "a");
  const auto without_image = a_pod("backend", waiting("ErrImagePull", ""), "b");
  const auto unplaced = a_pod("backend", "{conditions: [{type: PodScheduled, reason: Unschedulable}]}", "c");
  std::vector<Object> pods{unplaced, crashing, without_image};
  EXPECT_EQ(failure_of(pods)->reason, "ImagePullFailed");
  pods.pop_back();
  EXPECT_EQ(failure_of(pods)->reason, "CrashLoop");
  pods.pop_back();
  EXPECT_EQ(failure_of(pods)->reason, "Unschedulable");
}

TEST(PodFailures, NameTheImageThatIsWanted) {
  auto pod = a_pod("backend", container_in("backend", "state: {waiting: {reason: ErrImagePull}}"));
  pod["spec"]["containers"] = Json::array({{{"name", "backend"}, {"image", "registry.example/new:2"}}});
  EXPECT_THAT(failure_of({pod})->message,
              HasSubstr("cannot get the image registry.example/new:2 (ErrImagePull)"));
}

std::string serving(const std::string& since, const std::string& started) {
  return "{phase: Running, conditions: [{type: Ready, status: 'False', lastTransitionTime: '" + since +
         "'}], containerStatuses: [{name: postgres, ready: false, state: {running: {startedAt: '" + started +
         "'}}}]}";
}

TEST(APodThatIsNotReady, HasFallenSilentOnlyIfItWasReadySinceItRuns) {
  const auto silent = [](const std::string& status) {
    return fallen_silent({a_pod("database", status)}, a_promptsales("tier: MVP"), Component::kDatabase);
  };
  const auto said = silent(serving("2026-11-21T10:00:30Z", "2026-11-21T10:00:00Z"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->reason, "NotAnswering");
  EXPECT_EQ(
      said->message,
      "pod demo-database-x runs and does not answer any more; kubectl -n shop logs demo-database-x says why");
  EXPECT_FALSE(silent(serving("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"))) << "it starts";
  EXPECT_FALSE(silent(serving("2026-11-21T10:00:00Z", "2026-11-21T10:00:30Z"))) << "it was restarted";
  EXPECT_FALSE(silent("{phase: Pending}"));
}

TEST(TheImageThatRuns, IsThatOfPodsThatServeWhateverTheSpecNames) {
  const auto with_image = [](const std::string& image, bool ready, const std::string& suffix) {
    auto pod = a_pod(
        "backend", std::string{"{conditions: [{type: Ready, status: '"} + (ready ? "True" : "False") + "'}]}",
        suffix);
    pod["spec"] = {{"containers", {{{"name", "backend"}, {"image", image}}}}};
    return pod;
  };
  const auto app = a_promptsales("{tier: MVP, image: registry.example/backend:2}");
  const auto old_a = with_image("registry.example/backend:1", true, "a");
  const auto old_b = with_image("registry.example/backend:1", true, "b");
  const auto broken = with_image("registry.example/backend:2", false, "c");
  const auto next = with_image("registry.example/backend:2", true, "d");
  EXPECT_EQ(running_image({old_a, broken}, app), "registry.example/backend:1");
  EXPECT_EQ(running_image({next, old_a, old_b}, app), "registry.example/backend:1");
  EXPECT_EQ(running_image({next, broken}, app), "registry.example/backend:2");
  EXPECT_EQ(running_image({broken}, app), "");
}

}  // namespace
}  // namespace promptsales::controllers
