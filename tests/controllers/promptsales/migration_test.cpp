#include "controllers/promptsales/migration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/k8s/time.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_pod;
using promptsales::testing::container_in;
using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using ::testing::HasSubstr;
using State = Readiness::State;

TEST(MigrationJob, IsOneForAnImageAndADatabase) {
  const auto inputs = inputs_of("tier: MVP");
  const auto name = migration_job_name(inputs);
  EXPECT_THAT(name, ::testing::MatchesRegex("demo-migration-[0-9a-f]{10}"));
  auto other_image = inputs;
  other_image.effective.backend.image = "registry.example/backend:2";
  EXPECT_NE(migration_job_name(other_image), name);
  auto other_database = inputs;
  other_database.bindings[Component::kDatabase]["host"] = "elsewhere";
  EXPECT_NE(migration_job_name(other_database), name);
  auto other_password = inputs;
  other_password.bindings[Component::kDatabase]["password"] = "rotated";
  EXPECT_EQ(migration_job_name(other_password), name) << "nothing runs twice";
}

TEST(MigrationJob, TriesAFewTimesAndARefusedDowngradeOnce) {
  const auto job = object_of(children::migration_job, inputs_of("tier: MVP"));
  const Json& spec = job.at("spec");
  EXPECT_LE(spec.at("backoffLimit"), 6);
  EXPECT_EQ(spec.at("podFailurePolicy").at("rules").at(0).at("onExitCodes").at("values"), Json::array({3}));
  EXPECT_EQ(spec.at("template").at("spec").at("restartPolicy"), "Never");
}

TEST(MigrationJob, MayReachTheDatabaseAndIsNoBackend) {
  const auto inputs = inputs_of("tier: MVP");
  const Json labels =
      object_of(children::migration_job, inputs).at("spec").at("template").at("metadata").at("labels");
  EXPECT_EQ(labels.at("app.kubernetes.io/component"), "migration") << "no Service leads to it";
  const Json policy = object_of(children::database_network, inputs);
  bool admitted = false;
  for (const Json& peer : policy.at("spec").at("ingress").at(0).at("from"))
    admitted =
        admitted || peer.at("podSelector").at("matchLabels").at("app.kubernetes.io/component") == "migration";
  EXPECT_TRUE(admitted);
}

/// The Job of the MVP resource with this status in YAML, and what its attempts left.
Readiness readiness(const std::string& status, std::vector<Object> pods = {}) {
  const auto inputs = inputs_of("tier: MVP");
  auto job = object_of(children::migration_job, inputs);
  job["metadata"]["uid"] = "of-this-job";
  job["status"] = from_yaml(status);
  Observed observed;
  for (auto& pod : pods) {
    pod["metadata"]["labels"]["batch.kubernetes.io/controller-uid"] = "of-this-job";
    observed.pods.push_back(std::move(pod));
  }
  return migration_readiness(job, inputs, observed);
}

Object attempt(int exit_code, const std::string& message, const std::string& at) {
  return a_pod("migration",
               "{phase: Failed, containerStatuses: [{name: migrate, state: {terminated: {exitCode: " +
                   std::to_string(exit_code) + ", message: '" + message + "', finishedAt: '" + at + "'}}}]}");
}

constexpr auto kFailed = "{conditions: [{type: Failed, status: 'True'}]}";

TEST(MigrationReadiness, IsThereWhenTheJobIsComplete) {
  EXPECT_TRUE(readiness("{conditions: [{type: Complete, status: 'True'}]}").ready());
}

TEST(MigrationReadiness, IsUnderWayUntilAnAttemptHasFailed) {
  for (const char* status : {"{}", "{startTime: t, active: 1}"}) {
    const auto begun = readiness(status);
    EXPECT_EQ(begun.state, State::kProgressing) << status;
    EXPECT_EQ(begun.reason, "Migrating") << status;
  }
  const auto retried = readiness("{active: 1}", {attempt(1, "first", "2026-11-21T10:00:00Z"),
                                                 attempt(1, "second", "2026-11-21T10:00:20Z")});
  EXPECT_EQ(retried.state, State::kFailed);
  EXPECT_EQ(retried.reason, "MigrationFailed");
  EXPECT_FALSE(retried.stalled) << "it tries again by itself";
  EXPECT_THAT(retried.message, HasSubstr("tries again: second"));
}

TEST(MigrationReadiness, SaysThatItsPodIsRefused) {
  const auto refused = readiness("{startTime: t}");
  EXPECT_EQ(refused.reason, "PodsRefused");
  EXPECT_THAT(refused.message, HasSubstr("kubectl -n shop get events"));
  EXPECT_EQ(readiness("{startTime: t}", {a_pod("migration", "{phase: Pending}")}).reason, "Migrating");
}

TEST(MigrationReadiness, FailsWithTheLastWordsAndTheRemedy) {
  const auto failed = readiness(kFailed, {attempt(1, "no disk left", "2026-11-21T10:00:00Z")});
  EXPECT_EQ(failed.state, State::kFailed);
  EXPECT_EQ(failed.reason, "MigrationFailed");
  EXPECT_TRUE(failed.stalled);
  EXPECT_THAT(failed.message, HasSubstr("no disk left"));
  EXPECT_THAT(failed.message, HasSubstr("mend that; it is tried again every ten minutes"));
  EXPECT_THAT(failed.message, HasSubstr("kubectl -n shop delete job demo-migration-"));
  EXPECT_EQ(readiness(kFailed).reason, "MigrationFailed") << "also when its pods are gone";
}

TEST(MigrationReadiness, TellsARefusedDowngradeApart) {
  const auto refused = readiness(kFailed, {attempt(3, "the schema is at 9", "2026-11-21T10:00:00Z")});
  EXPECT_EQ(refused.reason, "DowngradeRefused");
  EXPECT_THAT(refused.message, HasSubstr("the schema is at 9; it is tried again"));
  EXPECT_THAT(refused.message, HasSubstr("kubectl -n shop delete job demo-migration-"));
}

TEST(MigrationReadiness, IsNotThatOfAFormerJob) {
  const auto inputs = inputs_of("tier: MVP");
  auto job = object_of(children::migration_job, inputs);
  job["metadata"]["uid"] = "new";
  job["status"] = from_yaml("{startTime: t, active: 1}");
  auto former = a_pod("migration", container_in("migrate", "state: {waiting: {reason: ErrImagePull}}"));
  former["metadata"]["labels"]["batch.kubernetes.io/controller-uid"] = "old";
  Observed observed;
  observed.pods = {former, attempt(1, "old words", "2026-11-21T10:00:00Z")};
  EXPECT_EQ(migration_readiness(job, inputs, observed).reason, "Migrating");
}

class AJobThatHasGivenUp : public ::testing::Test {
 protected:
  static Object job_of(const Inputs& inputs, const std::string& status) {
    auto job = object_of(children::migration_job, inputs);
    job["status"] = from_yaml(status);
    return job;
  }
  /// Inputs of a resource whose DatabaseReady has this status since this time.
  static Inputs with_database(const std::string& status, const std::string& since) {
    auto inputs = inputs_of("tier: MVP");
    inputs.app.status = from_yaml("{conditions: [{type: DatabaseReady, status: '" + status +
                                  "', lastTransitionTime: '" + since + "'}]}");
    return inputs;
  }
  static std::string again(const Object& job, const Inputs& inputs) {
    const auto when = runs_again_at(job, inputs);
    return when ? k8s::time_text(*when) : "never";
  }

  const std::string gave_up =
      "{conditions: [{type: Failed, status: 'True', lastTransitionTime: '2026-11-21T10:00:00Z'}]}";
  const Inputs inputs = with_database("True", "2026-11-21T09:00:00Z");
  const Object job = job_of(inputs, gave_up);
};

TEST_F(AJobThatHasGivenUp, IsMadeAnewTenMinutesLater) {
  EXPECT_EQ(again(job, inputs), "2026-11-21T10:10:00Z");
  EXPECT_EQ(again(job, inputs_of("tier: MVP")), "2026-11-21T10:10:00Z") << "no status yet";
  EXPECT_EQ(again(job, with_database("False", "2026-11-21T10:01:00Z")), "2026-11-21T10:10:00Z");
}

TEST_F(AJobThatHasGivenUp, IsMadeAnewAtOnceForOtherCredentials) {
  auto mended = inputs;
  mended.bindings[Component::kDatabase]["password"] = "the right one";
  ASSERT_EQ(migration_job_name(mended), migration_job_name(inputs)) << "it would be in the way for ever";
  EXPECT_EQ(again(job, mended), "2026-11-21T10:00:00Z");
}

TEST_F(AJobThatHasGivenUp, IsMadeAnewAtOnceWhenTheDatabaseHasComeBack) {
  EXPECT_EQ(again(job, with_database("True", "2026-11-21T10:00:00Z")), "2026-11-21T10:00:00Z");
}

TEST_F(AJobThatHasGivenUp, IsToldFromOneThatGoesOnOrHasSucceeded) {
  for (const char* status :
       {"{}", "{active: 1, failed: 2}", "{conditions: [{type: Complete, status: 'True'}]}",
        "{conditions: [{type: FailureTarget, status: 'True'}]}"})
    EXPECT_EQ(again(job_of(inputs, status), inputs), "never") << status;
}

TEST(MigrationReadiness, NamesWhatKeepsItsPodFromStarting) {
  const auto missing =
      readiness("{active: 1}",
                {a_pod("migration", container_in("migrate", "state: {waiting: {reason: ErrImagePull}}"))});
  EXPECT_EQ(missing.reason, "ImagePullFailed");
}

class HeldImage : public ::testing::Test {
 protected:
  static Object deployment_of(const std::string& image) {
    auto inputs = inputs_of("tier: MVP");
    inputs.effective.backend.image = image;
    return object_of(children::backend_deployment, inputs);
  }
  static Object job(const std::string& status) { return {{"status", from_yaml(status)}}; }

  const Inputs inputs = inputs_of("tier: MVP");  // wants registry.example/backend:1
  const Object before = deployment_of("registry.example/backend:0");
};

TEST_F(HeldImage, IsTheRunningOneUntilTheJobHasSucceeded) {
  EXPECT_EQ(image_to_hold(inputs, &before, nullptr), "registry.example/backend:0");
  const auto running = job("{active: 1}");
  EXPECT_EQ(image_to_hold(inputs, &before, &running), "registry.example/backend:0");
  const auto failed = job(kFailed);
  EXPECT_EQ(image_to_hold(inputs, &before, &failed), "registry.example/backend:0");
  const auto complete = job("{conditions: [{type: Complete, status: 'True'}]}");
  EXPECT_EQ(image_to_hold(inputs, &before, &complete), std::nullopt);
}

TEST_F(HeldImage, IsNoneWhereNothingWouldBeReplaced) {
  EXPECT_EQ(image_to_hold(inputs, nullptr, nullptr), std::nullopt);
  const auto same = deployment_of("registry.example/backend:1");
  EXPECT_EQ(image_to_hold(inputs, &same, nullptr), std::nullopt);
}

TEST_F(HeldImage, IsWhatTheDeploymentSays) {
  auto holding = inputs;
  holding.held_image = "registry.example/backend:0";
  EXPECT_EQ(object_of(children::backend_deployment, holding), before);
  EXPECT_NE(object_of(children::migration_job, holding).dump().find("registry.example/backend:1"),
            std::string::npos);
}

}  // namespace
}  // namespace promptsales::controllers
