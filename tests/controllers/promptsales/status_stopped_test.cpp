// Passes that end before any child is looked at, how urgent a status is, and what kstatus makes of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/status.hpp"
#include "operator/k8s/conditions.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::failed;
using promptsales::testing::kEarlier;
using promptsales::testing::kNow;
using promptsales::testing::progressing;
using promptsales::testing::spec_with;

/// A status as the pass over the former generation wrote it.
Json earlier(APass pass = APass{}) {
  pass.inputs.app.generation = 2;
  Json status = pass.status();
  for (Json& condition : status.at("conditions")) condition["lastTransitionTime"] = kEarlier;
  return status;
}

/// A status as an earlier pass over this generation wrote it.
Json of_this_generation(APass pass = APass{}) {
  Json status = earlier(std::move(pass));
  status["observedGeneration"] = 3;
  return status;
}

// --- kstatus: what Helm, Flux and `kubectl wait` conclude

/// The rules for resources of which it knows nothing, in their order.
/// Source: sigs.k8s.io/cli-utils pkg/kstatus/status/generic.go.
std::string kstatus(const Json& status, std::int64_t generation) {
  if (status.value("observedGeneration", generation) != generation) return "InProgress";
  for (const Json& condition : status.value("conditions", Json::array())) {
    const std::string type = condition.at("type");
    const bool holds = condition.at("status") == "True";
    if (type == "Reconciling" && holds) return "InProgress";
    if (type == "Stalled" && holds) return "Failed";
    if (type == "Ready") return holds ? "Current" : "InProgress";
  }
  return "Current";
}

struct StoppedCase {
  std::string name;
  Remedy remedy;
  std::string reason;
  std::string abnormal;  ///< the condition beside Ready, empty for none
  std::string ready;
  std::string kstatus;
  bool failing;
};

void PrintTo(const StoppedCase& row, std::ostream* out) { *out << row.reason; }

class StoppedPass : public ::testing::TestWithParam<StoppedCase> {
 protected:
  APass pass = APass{}.after(earlier()).stopped_by(GetParam().remedy, GetParam().reason, "do this");
  const Json status = pass.status();
};

INSTANTIATE_TEST_SUITE_P(Reasons, StoppedPass,
                         ::testing::Values(StoppedCase{"WrongSpec", Remedy::kWaitForSpecChange, "InvalidSpec",
                                                       "Stalled", "False", "Failed", true},
                                           StoppedCase{"NotThereYet", Remedy::kWaitForSpecChange,
                                                       "NotImplemented", "Stalled", "False", "Failed", true},
                                           StoppedCase{"Suspended", Remedy::kWaitForSpecChange, "Suspended",
                                                       "", "Unknown", "InProgress", false},
                                           StoppedCase{"NoCredentials", Remedy::kRetryWithBackoff,
                                                       "CredentialsMissing", "Reconciling", "False",
                                                       "InProgress", true},
                                           StoppedCase{"NoPermission", Remedy::kRetryWithBackoff, "Forbidden",
                                                       "Reconciling", "False", "InProgress", true}),
                         [](const auto& info) { return info.param.name; });

TEST_P(StoppedPass, SaysWhyAndWhetherTimeHelps) {
  EXPECT_EQ(brief(status, "Ready"), GetParam().ready + " " + GetParam().reason);
  EXPECT_EQ(k8s::condition_in(status, "Ready")->at("message"), "do this");
  for (const std::string type : {"Reconciling", "Stalled"})
    EXPECT_EQ(brief(status, type), type == GetParam().abnormal ? "True " + GetParam().reason : "absent")
        << type;
  EXPECT_EQ(pass.update().failing, GetParam().failing);
}

TEST_P(StoppedPass, IsUnderstoodByKstatus) {
  EXPECT_EQ(status.at("observedGeneration"), 3);
  EXPECT_EQ(kstatus(status, 3), GetParam().kstatus);
}

// What runs was left as it is, so what was said of it holds, about the generation that it was said of.
TEST_P(StoppedPass, KeepsWhatWasSaidOfParts) {
  for (const char* type : {"DatabaseReady", "CacheReady", "BackendAvailable", "AutoscalingActive"})
    EXPECT_EQ(*k8s::condition_in(status, type), *k8s::condition_in(pass.inputs.app.status, type));
  for (const char* field : {"effective", "backend", "bindings"})
    EXPECT_EQ(status.at(field), pass.inputs.app.status.at(field));
}

TEST_P(StoppedPass, SaysNothingOfPartsThatNobodyHasLookedAt) {
  const auto first = APass{}.stopped_by(GetParam().remedy, GetParam().reason).status();
  EXPECT_EQ(brief(first, "DatabaseReady"), "absent");
  EXPECT_FALSE(first.contains("effective"));
  EXPECT_FALSE(first.contains("backend"));
}

TEST_P(StoppedPass, SaysTheSameTwice) {
  auto again = APass{}.after(status).stopped_by(GetParam().remedy, GetParam().reason, "do this");
  EXPECT_EQ(again.status(), status);
}

TEST(APassWithoutALogin, SaysSoOfThePartWhoseItIs) {
  for (const auto& earlier_status : {Json{}, earlier()}) {
    const auto status = APass{}.after(earlier_status).without_login_of(Component::kDatabase).status();
    EXPECT_EQ(brief(status, "DatabaseReady"), "False CredentialsMissing");
    EXPECT_NE(brief(status, "CacheReady"), "False CredentialsMissing");
  }
}

TEST(FinishedPass, IsUnderstoodByKstatus) {
  EXPECT_EQ(kstatus(APass{}.status(), 3), "Current");
  EXPECT_EQ(kstatus(APass{}.status(), 4), "InProgress") << "a newer generation has not been looked at";
  EXPECT_EQ(kstatus(APass("tier: MVP", {{"backend_autoscaler", progressing("FailedGetScale")}}).status(), 3),
            "Current");
  for (const Child* child : all_children()) {
    if (is_autoscaler(child->kind) || child->component == Component::kTask) continue;
    for (const auto& state : {progressing("A"), failed("B")})
      EXPECT_EQ(kstatus(APass(spec_with(*child), {{std::string{child->id}, state}}).status(), 3),
                "InProgress")
          << child->id;
  }
}

// --- urgency: docs/adr/0003-progress-is-not-news.md

struct UrgencyCase {
  std::string name;
  Json before;
  APass now;
  Urgency urgency;
  bool failing;
};

void PrintTo(const UrgencyCase& row, std::ostream* out) { *out << row.name; }

class StatusUrgency : public ::testing::TestWithParam<UrgencyCase> {};

TEST_P(StatusUrgency, IsAboutWhatAPersonMustSeeNow) {
  auto pass = GetParam().now;
  const auto update = pass.after(GetParam().before).update();
  EXPECT_EQ(update.urgency, GetParam().urgency);
  EXPECT_EQ(update.failing, GetParam().failing);
}

APass starting() { return APass{"tier: MVP", {{"database_server", progressing("Starting")}}}; }
APass starving() { return APass{"tier: MVP", {{"backend_deployment", failed("Unschedulable")}}}; }
APass crashing() { return APass{"tier: MVP", {{"backend_deployment", failed("CrashLoop")}}}; }
APass crashing_without_cache() {
  return APass{"tier: MVP",
               {{"backend_deployment", failed("CrashLoop")}, {"cache_server", failed("CrashLoop")}}};
}
APass stopped(Remedy remedy, const std::string& reason) { return APass{}.stopped_by(remedy, reason); }

INSTANTIATE_TEST_SUITE_P(
    Turns, StatusUrgency,
    ::testing::Values(
        UrgencyCase{"FirstStepsAreProgress", {}, starting(), Urgency::kProgress, false},
        UrgencyCase{"StepsAreProgress", earlier(starting()), starting(), Urgency::kProgress, false},
        UrgencyCase{"BecomingReady", earlier(starting()), APass{}, Urgency::kNow, false},
        UrgencyCase{"StayingReady", of_this_generation(), APass{}, Urgency::kProgress, false},
        // Whoever changed the spec waits for the word that it is in force.
        UrgencyCase{"AChangeThatIsInForce", earlier(), APass{}, Urgency::kNow, false},
        UrgencyCase{"CeasingToBeReady", earlier(), starting(), Urgency::kNow, false},
        UrgencyCase{"AFailure", earlier(starting()), crashing(), Urgency::kNow, true},
        UrgencyCase{"TheSameFailureAfterAnEdit", earlier(crashing()), crashing(), Urgency::kNow, true},
        UrgencyCase{"TheSameFailureAgain", of_this_generation(crashing()), crashing(), Urgency::kProgress,
                    true},
        UrgencyCase{"AnotherFailure", of_this_generation(starving()), crashing(), Urgency::kNow, true},
        UrgencyCase{"ASecondFailure", of_this_generation(crashing()), crashing_without_cache(), Urgency::kNow,
                    true},
        UrgencyCase{
            "AWaitForSomebodyElse", earlier(starting()),
            APass{"tier: MVP", {{"database_server", {Readiness::State::kWaiting, "VolumePending", "m"}}}},
            Urgency::kSoon, false},
        UrgencyCase{"AnotherPartThatIsNotWellAnyMore", earlier(crashing()), starting(), Urgency::kSoon,
                    false},
        UrgencyCase{"AWrongSpec", earlier(starting()), stopped(Remedy::kWaitForSpecChange, "InvalidSpec"),
                    Urgency::kNow, true},
        UrgencyCase{"SuspendingWhatIsReady", earlier(), stopped(Remedy::kWaitForSpecChange, "Suspended"),
                    Urgency::kNow, false},
        UrgencyCase{"SuspendingWhatIsNot", earlier(starting()),
                    stopped(Remedy::kWaitForSpecChange, "Suspended"), Urgency::kNow, false},
        UrgencyCase{"AnAutoscalerWithoutMetrics", of_this_generation(),
                    APass{"tier: MVP", {{"backend_autoscaler", progressing("FailedGetScale")}}},
                    Urgency::kSoon, false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::controllers
