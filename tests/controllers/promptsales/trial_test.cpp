#include "controllers/promptsales/trial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/time.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using namespace std::chrono_literals;
using bindings::Entries;
using k8s::string_at;
using promptsales::testing::a_pod;
using promptsales::testing::a_promptsales;
using promptsales::testing::container_in;
using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using ::testing::HasSubstr;
using ::testing::Not;

const auto kNow = *k8s::parse_time("2026-11-21T12:00:30Z");
constexpr auto kFailed =
    "{startTime: '2026-11-21T12:00:00Z', failed: 1, conditions: [{type: Failed, status: 'True', "
    "lastTransitionTime: '2026-11-21T12:00:25Z'}]}";

class ATrial : public ::testing::Test {
 protected:
  ATrial() {
    candidate["password"] = "rotated";
    inputs.trials[Component::kDatabase] = {.entries = candidate, .attempt = {}};
  }
  /// The Job of this attempt with this status in YAML.
  Object job(unsigned attempt, const std::string& status) {
    inputs.trials[Component::kDatabase].attempt.number = attempt;
    Object made = object_of(children::database_trial, inputs);
    made["status"] = from_yaml(status);
    return made;
  }
  /// A pod of that Job whose container has this state.
  static Object pod(const Object& job, const std::string& state) {
    Object made = a_pod("task", container_in("check", state));
    made["metadata"]["labels"]["batch.kubernetes.io/job-name"] = string_at(job, {"metadata", "name"});
    return made;
  }
  static Object refused(const Object& job) {
    return pod(job,
               "state: {terminated: {exitCode: 1, message: 'database: wrong password', finishedAt: "
               "'2026-11-21T12:00:24Z'}}");
  }
  TaskProgress progress(const std::vector<Object>& jobs, const std::vector<Object>& pods = {}) {
    return progress_of_trial(inputs.app, candidate, jobs, pods, kNow);
  }

  Inputs inputs = inputs_of("tier: MVP");
  Entries candidate = inputs.bindings.at(Component::kDatabase);
};

TEST_F(ATrial, MountsTheCandidateAloneAndRunsTheCheckOnce) {
  const Object secret = object_of(children::database_trial_secret, inputs);
  EXPECT_EQ(bindings::entries_in(secret), candidate);
  const Object made = object_of(children::database_trial, inputs);
  EXPECT_EQ(made.at("spec").at("backoffLimit"), 0);
  const Json& pod = made.at("spec").at("template").at("spec");
  EXPECT_EQ(pod.at("containers").at(0).at("args"), Json::array({"check"}));
  EXPECT_EQ(pod.at("volumes").size(), 1U);
  EXPECT_EQ(pod.at("volumes").at(0).at("secret").at("secretName"), string_at(secret, {"metadata", "name"}));
  EXPECT_EQ(pod.at("containers").at(0).at("volumeMounts").at(0).at("mountPath"), "/bindings/database");
}

TEST_F(ATrial, RunsTheImageThatPodsRun) {
  const auto image = [&] {
    return object_of(children::database_trial, inputs)
        .at("/spec/template/spec/containers/0/image"_json_pointer);
  };
  EXPECT_EQ(image(), inputs.effective.backend.image);
  inputs.held_image = "registry.example/backend:0";
  EXPECT_EQ(image(), "registry.example/backend:0");
}

TEST_F(ATrial, IsLetInByEveryServerOfOurs) {
  const auto all = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  for (const Child* network :
       {&children::database_network, &children::cache_network, &children::messaging_network})
    EXPECT_THAT(object_of(*network, all).at("spec").at("ingress").dump(),
                HasSubstr(R"("app.kubernetes.io/component":"task")"));
}

TEST_F(ATrial, HasNamesThatFitHoweverLongItLasts) {
  auto app = a_promptsales("tier: MVP");
  app.key.name = std::string(40, 'a');
  EXPECT_LE(attempt_name(trial_name(app, candidate), {.number = 9999, .reason = {}, .message = {}}).size(),
            63U);
}

TEST_F(ATrial, OfOtherEntriesIsAnother) {
  Entries other = candidate;
  other["host"] = "elsewhere";
  EXPECT_NE(trial_name(inputs.app, other), trial_name(inputs.app, candidate));
  EXPECT_EQ(progress_of_trial(inputs.app, other, {job(1, "{conditions: [{type: Complete, status: 'True'}]}")},
                              {}, kNow)
                .problem->reason,
            kBindingTrial);
}

TEST_F(ATrial, BeginsWithItsFirstAttempt) {
  const auto begun = progress({});
  EXPECT_EQ(begun.attempt.number, 1U);
  EXPECT_EQ(begun.problem->reason, kBindingTrial);
  EXPECT_FALSE(begun.look_again);
}

TEST_F(ATrial, IsPassedWhenItsJobIsComplete) {
  EXPECT_FALSE(progress({job(1, "{conditions: [{type: Complete, status: 'True'}]}")}).problem);
}

TEST_F(ATrial, SaysTheJobsOwnWordsAsSoonAsItsPodHasEnded) {
  const Object running = job(1, "{startTime: '2026-11-21T12:00:00Z', active: 1}");
  const auto rejected = progress({running}, {refused(running)});
  EXPECT_EQ(rejected.problem->reason, kBindingRejected);
  EXPECT_THAT(rejected.problem->message, HasSubstr("database: wrong password"));
  EXPECT_THAT(rejected.problem->message, HasSubstr("former ones"));
  EXPECT_EQ(rejected.attempt.number, 1U);
}

TEST_F(ATrial, IsMadeAgainAfterAPauseThatGrowsToAMinute) {
  std::vector<std::chrono::seconds> pauses;
  for (unsigned attempt = 1; attempt <= 5; ++attempt) pauses.push_back(pause_after(attempt));
  EXPECT_THAT(pauses, ::testing::ElementsAre(10s, 20s, 40s, 60s, 60s));

  const Object second = job(2, kFailed);
  const auto waiting = progress({second}, {refused(second)});  // failed five seconds ago
  EXPECT_EQ(waiting.attempt.number, 2U);
  EXPECT_EQ(waiting.look_again, 15s);
  const Object first =
      job(1, "{conditions: [{type: Failed, status: 'True', lastTransitionTime: '2026-11-21T12:00:20Z'}]}");
  const auto due = progress({first}, {refused(first)});
  EXPECT_EQ(due.attempt.number, 2U);
  EXPECT_FALSE(due.look_again);
  EXPECT_EQ(due.problem->reason, kBindingRejected);
}

TEST_F(ATrial, GoesOnSayingWhatTheAttemptBeforeSaid) {
  const Object first =
      job(1, "{conditions: [{type: Failed, status: 'True', lastTransitionTime: '2026-11-21T12:00:00Z'}]}");
  const auto due = progress({first}, {refused(first)});
  inputs.trials[Component::kDatabase].attempt = due.attempt;
  Object second = object_of(children::database_trial, inputs);
  const auto under_way = progress({first, second}, {refused(first)});
  EXPECT_EQ(under_way.attempt.number, 2U);
  EXPECT_EQ(under_way.problem->reason, kBindingRejected);
  EXPECT_EQ(under_way.problem->message, due.problem->message) << "said once, not in itself again";
}

TEST_F(ATrial, ThatCannotRunSaysWhatKeepsItFromThat) {
  const Object running = job(1, "{startTime: '2026-11-21T12:00:00Z', active: 1}");
  const auto stuck = progress({running}, {pod(running, "state: {waiting: {reason: ImagePullBackOff}}")});
  EXPECT_EQ(stuck.problem->reason, "ImagePullFailed");
  const auto refused = progress({job(1, "{startTime: '2026-11-21T12:00:00Z'}")});
  EXPECT_EQ(refused.problem->reason, "PodsRefused");
  const auto late = progress({job(1, kFailed)});
  EXPECT_EQ(late.problem->reason, kBindingUntried);
}

TEST_F(ATrial, IsNotDisturbedByPodsOfOtherJobs) {
  const Object running = job(1, "{startTime: '2026-11-21T12:00:00Z', active: 1}");
  Object foreign = refused(running);
  foreign["metadata"]["labels"]["batch.kubernetes.io/job-name"] = "demo-trial-0000000000-1";
  EXPECT_EQ(progress({running}, {foreign, pod(running, "state: {running: {}}")}).problem->reason,
            kBindingTrial);
}

TEST_F(ATrial, LeavesNothingThatIsTakenForAnythingElse) {
  EXPECT_EQ(component_of(object_of(children::database_trial, inputs)), Component::kTask);
  EXPECT_EQ(component_of(object_of(children::database_trial_secret, inputs)), Component::kTask);
  EXPECT_THAT(object_of(children::database_trial, inputs).dump(), Not(HasSubstr("rotated")));
}

}  // namespace
}  // namespace promptsales::controllers
