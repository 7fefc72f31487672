// The status that a pass amounts to.

#include "controllers/promptsales/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/k8s/conditions.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::failed;
using promptsales::testing::from_yaml;
using promptsales::testing::kEarlier;
using promptsales::testing::kNow;
using promptsales::testing::progressing;
using promptsales::testing::refused;
using promptsales::testing::spec_with;
using ::testing::ElementsAre;

std::vector<std::string> types_of(const Json& status) {
  std::vector<std::string> types;
  for (const Json& condition : status.at("conditions")) types.push_back(condition.at("type"));
  return types;
}

// --- which conditions there are, and in which order

TEST(Conditions, OfWhatWorksAreReadyAndEachPart) {
  EXPECT_THAT(types_of(APass().status()),
              ElementsAre("Ready", "DatabaseReady", "CacheReady", "BackendAvailable", "AutoscalingActive",
                          "ConnectionBudget", "TLSReady"));
}

// kstatus takes the first that decides: what is abnormal must come before Ready.
TEST(Conditions, OfWhatIsUnderWayBeginWithReconciling) {
  EXPECT_THAT(types_of(APass("tier: MVP", {{"database_server", progressing("Starting")}}).status()),
              ElementsAre("Reconciling", "Ready", "DatabaseReady", "CacheReady", "BackendAvailable",
                          "AutoscalingActive", "ConnectionBudget", "TLSReady"));
}

TEST(Conditions, LeaveOutPartsThatTheResourceDoesNotHave) {
  APass pass{"{tier: MVP, backend: {autoscaling: {type: None}}}"};
  std::erase_if(pass.children, [](const auto& each) { return each.child->component == Component::kCache; });
  EXPECT_THAT(types_of(pass.status()),
              ElementsAre("Ready", "DatabaseReady", "BackendAvailable", "ConnectionBudget", "TLSReady"));
}

TEST(Conditions, SayOfEveryPartHowItIs) {
  const auto status = APass("tier: MVP", {{"database_server", progressing("Starting", "the database starts")},
                                          {"cache_service", failed("Forbidden", "not allowed")},
                                          {"backend_autoscaler", progressing("FailedGetScale")}})
                          .status();
  EXPECT_EQ(brief(status, "DatabaseReady"), "False Starting");
  EXPECT_EQ(brief(status, "CacheReady"), "False Forbidden");
  EXPECT_EQ(brief(status, "BackendAvailable"), "True Available");
  EXPECT_EQ(brief(status, "AutoscalingActive"), "False FailedGetScale");
  EXPECT_EQ(brief(status, "TLSReady"), "True CertificateValid");
  EXPECT_EQ(k8s::condition_in(status, "DatabaseReady")->at("message"), "the database starts");
}

TEST(Conditions, AreAboutTheGenerationThatWasLookedAt) {
  const auto status = APass("tier: MVP", {{"cache_server", progressing("Starting")}}).status();
  EXPECT_EQ(status.at("observedGeneration"), 3);
  for (const Json& condition : status.at("conditions")) EXPECT_EQ(condition.at("observedGeneration"), 3);
}

// --- Ready

struct ReadyCase {
  std::string name;
  promptsales::testing::Parts parts;
  std::string ready;
};

void PrintTo(const ReadyCase& row, std::ostream* out) { *out << row.ready; }

class Ready : public ::testing::TestWithParam<ReadyCase> {};

TEST_P(Ready, HasTheReasonOfTheWorstPart) {
  EXPECT_EQ(brief(APass("tier: MVP", GetParam().parts).status(), "Ready"), GetParam().ready);
}

INSTANTIATE_TEST_SUITE_P(
    Parts, Ready,
    ::testing::Values(
        ReadyCase{"All", {}, "True Ready"},
        ReadyCase{"Database", {{"database_server", progressing("Starting")}}, "False Starting"},
        ReadyCase{"AService", {{"backend_service", failed("NameConflict")}}, "False NameConflict"},
        ReadyCase{"APolicy", {{"cache_network", progressing("Creating")}}, "False Creating"},
        ReadyCase{"FailedBeforeProgressing",
                  {{"database_server", progressing("Starting")}, {"backend_deployment", failed("CrashLoop")}},
                  "False CrashLoop"},
        ReadyCase{"FirstOfEquals",
                  {{"cache_server", failed("Unschedulable")}, {"backend_deployment", failed("CrashLoop")}},
                  "False Unschedulable"},
        // A cluster without metrics keeps the replicas it has: worth saying, no reason to be not ready.
        ReadyCase{
            "NotForTheAutoscaler", {{"backend_autoscaler", progressing("FailedGetScale")}}, "True Ready"},
        ReadyCase{"ForAnAutoscalerThatCouldNotBeMade",
                  {{"backend_autoscaler", failed("Forbidden")}},
                  "False Forbidden"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadyCondition, IsNeverTrueWhileAnythingButTheAutoscalerIsNot) {
  for (const Child* child : all_children()) {
    const std::string id{child->id};
    if (is_autoscaler(child->kind) || child->component == Component::kTask)
      continue;  // no spec asks for a task
    for (const auto& state : {progressing("A"), failed("B")})
      EXPECT_EQ(condition_status(APass(spec_with(*child), {{id, state}}).status(), "Ready"), "False") << id;
  }
}

// --- Stalled

TEST(StalledCondition, SaysThatWaitingDoesNotHelpAndIsNeverBesideReconciling) {
  const auto status = APass("tier: MVP", {{"backend_service", refused("Invalid", "port 0")}}).status();
  EXPECT_EQ(brief(status, "Stalled"), "True Invalid");
  EXPECT_EQ(brief(status, "Reconciling"), "absent");
  EXPECT_EQ(brief(status, "Ready"), "False Invalid");
  EXPECT_EQ(brief(status, "BackendAvailable"), "False Invalid");
}

TEST(StalledCondition, ComesBeforeFailuresThatMayPass) {
  const auto status =
      APass("tier: MVP", {{"cache_server", failed("Unschedulable")}, {"backend_service", refused("Invalid")}})
          .status();
  EXPECT_EQ(brief(status, "Stalled"), "True Invalid");
  EXPECT_EQ(brief(status, "CacheReady"), "False Unschedulable");
}

// --- times

TEST(LastTransitionTime, IsNowForWhatWasNeverSaid) {
  const auto status = APass().status();
  for (const Json& condition : status.at("conditions")) EXPECT_EQ(condition.at("lastTransitionTime"), kNow);
}

/// A status as an earlier pass wrote it.
Json earlier(const APass& pass) {
  Json status = pass.status();
  for (Json& condition : status.at("conditions")) condition["lastTransitionTime"] = kEarlier;
  return status;
}

TEST(LastTransitionTime, StaysWhileTheStatusOfTheConditionDoes) {
  const auto before = earlier(APass("tier: MVP", {{"database_server", progressing("Starting")}}));
  auto pass = APass("tier: MVP", {{"database_server", failed("CrashLoop", "other words")}});
  const auto status = pass.after(before).status();
  EXPECT_EQ(brief(status, "DatabaseReady"), "False CrashLoop");
  for (const Json& condition : status.at("conditions"))
    EXPECT_EQ(condition.at("lastTransitionTime"), kEarlier) << condition;
}

TEST(LastTransitionTime, IsNowForWhatChangedAndForNothingElse) {
  const auto before = earlier(APass("tier: MVP", {{"database_server", progressing("Starting")}}));
  const auto status = APass().after(before).status();
  for (const Json& condition : status.at("conditions")) {
    const bool changed = condition.at("type") == "Ready" || condition.at("type") == "DatabaseReady";
    EXPECT_EQ(condition.at("lastTransitionTime"), changed ? kNow : kEarlier) << condition;
  }
}

// The CRD's default says Ready=Unknown since 1970: nobody has seen it turn.
TEST(LastTransitionTime, OfTheDefaultStatusIsNotKept) {
  const auto fresh = from_yaml(
      "{observedGeneration: -1, conditions: [{type: Ready, status: Unknown, reason: Pending, message: m, "
      "lastTransitionTime: '1970-01-01T00:00:00Z'}]}");
  auto pass = APass().after(fresh).stopped_by(Remedy::kWaitForSpecChange, std::string{kSuspended});
  EXPECT_EQ(k8s::condition_in(pass.status(), "Ready")->at("lastTransitionTime"), kNow);
}

TEST(Status, OfTheSameFactsIsTheSame) {
  const auto before = earlier(APass());
  EXPECT_EQ(APass().after(before).status(), before);
}

// --- the rest of it

TEST(Status, SaysWhatIsInForceAndWhereTheBackendIs) {
  const auto status = APass().status();
  EXPECT_EQ(status.at("effective").at("tier"), "MVP");
  EXPECT_EQ(status.at("backend"),
            from_yaml("{replicas: 2, readyReplicas: 1, image: 'registry.example/backend:1', url: "
                      "'https://demo-backend.shop.svc'}"));
  EXPECT_EQ(status.at("bindings"),
            from_yaml("[{name: database, secretName: demo-database-binding, hash: 'sha256:0'}]"));
}

TEST(ConditionLookup, FindsNothingInWhatIsNoStatus) {
  for (const auto* status : {"{}", "{conditions: {}}", "{conditions: [{}]}", "[]"})
    EXPECT_EQ(k8s::condition_in(from_yaml(status), "Ready"), nullptr) << status;
  EXPECT_EQ(condition_status(Json{}, "Ready"), "");
}

TEST(ConditionsOfWhatServes, SayWhatAPersonShouldKnow) {
  const APass pass{"tier: MVP", {{"database_server", {.message = "one of two serves"}}}};
  const auto status = pass.status();
  EXPECT_EQ(brief(status, "DatabaseReady"), "True Available");
  EXPECT_THAT(k8s::string_at(*k8s::condition_in(status, "DatabaseReady"), {"message"}),
              ::testing::HasSubstr("; one of two serves"));
}

}  // namespace
}  // namespace promptsales::controllers
