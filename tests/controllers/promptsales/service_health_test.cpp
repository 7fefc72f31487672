#include "controllers/promptsales/service_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/metadata.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pass_report.hpp"
#include "tests/support/pods.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_pod;
using promptsales::testing::a_promptsales;
using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::inputs_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Known = runtime::PeerPoll::Known;
using enum Component;

constexpr auto kWell = R"({"ready": true, "database": {"reachable": true, "connections": 4},
                          "cache": {"reachable": true}})";
constexpr auto kCacheRefuses =
    R"({"ready": true, "database": {"reachable": true},
        "cache": {"reachable": false, "error": "it refuses: correct it", "cause": "LoginRefused"}})";
constexpr auto kDatabaseAway =
    R"({"ready": false, "database": {"reachable": false, "error": "start it", "cause": "Unreachable"}})";

Object backend_pod(const std::string& name, const std::string& created, const std::string& revision,
                   const std::string& ip, const std::string& state = "running: {}") {
  Object pod = a_pod(
      "backend", "{podIP: '" + ip + "', containerStatuses: [{name: backend, state: {" + state + "}}]}", name);
  pod["metadata"]["creationTimestamp"] = created;
  pod["metadata"]["labels"]["pod-template-hash"] = revision;
  return pod;
}

Known heard(const char* readyz) { return {.asking = false, .word = word_of(readyz)}; }
Json condition(const char* status, const std::string& reason, const std::string& message = "") {
  return {{"type", "CacheReady"}, {"status", status}, {"reason", reason}, {"message", message}};
}

TEST(PodsToAsk, AreThoseOfTheNewestRevisionThatRuns) {
  const auto app = a_promptsales("tier: MVP");
  const std::string t1 = "2026-11-21T12:00:00Z";
  const std::string t2 = "2026-11-21T12:00:01Z";
  std::vector<Object> pods{backend_pod("a", t1, "old", "10.0.0.1"), backend_pod("b", t2, "new", "10.0.0.2"),
                           backend_pod("c", t2, "new", "10.0.0.3")};
  const auto peers = pods_to_ask(pods, app);
  EXPECT_EQ(peers.group, "new");
  EXPECT_THAT(peers.addresses, ElementsAre("10.0.0.3", "10.0.0.2"));
  pods[1] = backend_pod("b", t2, "new", "10.0.0.2", "waiting: {reason: ImagePullBackOff}");
  pods[2]["metadata"]["deletionTimestamp"] = t2;
  EXPECT_EQ(pods_to_ask(pods, app), (runtime::PeerPoll::Peers{"old", {"10.0.0.1"}}));
}

TEST(PodsToAsk, AreExpectedToAnswerOnceOneOfThemIsReady) {
  const auto app = a_promptsales("tier: MVP");
  std::vector<Object> pods{backend_pod("a", "", "old", "10.0.0.1"), backend_pod("b", "", "old", "10.0.0.2")};
  EXPECT_FALSE(pods_to_ask(pods, app).expected);
  pods[0]["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "True"}}});
  EXPECT_TRUE(pods_to_ask(pods, app).expected);
  pods.push_back(backend_pod("c", "2026-11-21T12:00:00Z", "new", "10.0.0.3"));
  EXPECT_FALSE(pods_to_ask(pods, app).expected) << "that one is of a former revision";
}

TEST(PodsToAsk, AreNoOthers) {
  const auto app = a_promptsales("tier: MVP");
  Object foreign = backend_pod("a", "", "x", "10.0.0.1");
  foreign["metadata"]["labels"]["promptsales.io/name"] = "other";
  Object task = backend_pod("b", "", "x", "10.0.0.2");
  task["metadata"]["labels"]["app.kubernetes.io/component"] = "task";
  EXPECT_THAT(pods_to_ask({foreign, task, backend_pod("c", "", "x", "")}, app).addresses, IsEmpty());
}

TEST(TheWordOfAPod, IsTheSameForTheSameState) {
  EXPECT_EQ(word_of(kWell), word_of(R"({"ready": true, "database": {"reachable": true}})"));
  EXPECT_EQ(word_of(kWell), kAllIsWell);
  EXPECT_NE(word_of(kWell), word_of(kCacheRefuses));
}

TEST(TheWordOfAPod, IsNotSpokenWhileItConnectsForTheFirstTime) {
  EXPECT_FALSE(word_of(R"({"ready": false, "database": {"reachable": false, "connections": 0}})"));
}

TEST(TheWordOfAPod, IsNotSpokenBySomebodyElse) {
  for (const char* other : {"", "ok", "[]", "{}", "null", "upstream connect error", R"({"status": "UP"})"})
    EXPECT_FALSE(word_of(other)) << other;
}

TEST(TheWordOfAPod, LeavesOutWhatIsNotUnderstood) {
  for (const char* other : {R"({"ready": true})", R"({"ready": true, "cache": 1})",
                            R"({"ready": true, "cache": {"reachable": "no"}})"})
    EXPECT_EQ(word_of(other), kAllIsWell) << other;
}

TEST(TheWordOfAPod, IsBounded) {
  const std::string error(10'000, 'x');
  EXPECT_LT(word_of(R"({"ready": true, "cache": {"reachable": false, "error": ")" + error + "\"}}")->size(),
            500U);
}

TEST(AServiceOfOthers, IsWellIfPodsSaySo) {
  for (const auto component : {kDatabase, kCache, kMessaging})
    EXPECT_FALSE(service_problem(component, heard(kWell), nullptr, true));
  EXPECT_FALSE(service_problem(kDatabase, heard(kCacheRefuses), nullptr, false));
}

TEST(AServiceOfOthers, ThatPodsCannotUseIsSaidInTheirWords) {
  const auto refuses = service_problem(kCache, heard(kCacheRefuses), nullptr, false);
  EXPECT_EQ(refuses->reason, kLoginRefused);
  EXPECT_EQ(refuses->state, Readiness::State::kFailed);
  EXPECT_EQ(refuses->message, "pods cannot use the cache: it refuses: correct it");
  const auto away = service_problem(kDatabase, heard(kDatabaseAway), nullptr, false);
  EXPECT_EQ(away->reason, kServiceUnreachable);
  EXPECT_EQ(away->message, "pods cannot use the database: start it");
  const auto full = service_problem(
      kMessaging, heard(R"({"ready": true, "messaging": {"reachable": false, "error": "it is full"}})"),
      nullptr, false);
  EXPECT_EQ(full->reason, kServiceUnusable) << "for a cause that has no reason of its own, or is not said";
  EXPECT_EQ(full->message, "pods cannot use messaging: it is full");
}

TEST(AServiceOfOthers, IsNotReadyBeforeAPodHasConnected) {
  EXPECT_EQ(service_problem(kCache, {}, nullptr, true)->reason, kConnecting);
  EXPECT_EQ(service_problem(kCache, {.asking = true, .word = {}}, nullptr, false)->reason, kConnecting);
  const Json before = condition("False", std::string{kConnecting});
  EXPECT_EQ(service_problem(kCache, {}, &before, true)->reason, kConnecting);
}

TEST(AServiceOfOthers, CountsAsUsableWherePodsCannotBeAsked) {
  EXPECT_FALSE(service_problem(kCache, {}, nullptr, false));
  const Json refused = condition("False", std::string{kServiceUnusable}, "m");
  EXPECT_FALSE(service_problem(kCache, {}, &refused, false));
}

TEST(AServiceOfOthers, KeepsWhatWasSaidOfItUntilPodsSayOtherwise) {
  const Known asking{.asking = true, .word = {}};
  const Json well = condition("True", "Available");
  EXPECT_FALSE(service_problem(kCache, asking, &well, true));
  for (const auto reason : {kLoginRefused, kServiceUnreachable, kServiceUnusable}) {
    const Json refused = condition("False", std::string{reason}, "correct it");
    const auto kept = service_problem(kCache, asking, &refused, false);
    ASSERT_TRUE(kept) << reason;
    EXPECT_EQ(kept->reason, reason);
    EXPECT_EQ(kept->message, "correct it");
    EXPECT_EQ(kept->state, Readiness::State::kFailed);
    EXPECT_FALSE(service_problem(kCache, heard(kWell), &refused, false));
  }
}

constexpr auto kDatabaseLetsNobodyElseIn =
    R"({"ready": true, "database": {"reachable": true, "connections": 4, "login_refused": "correct it"}})";

TEST(AServiceOfOthers, ThatTakesNoFurtherLoginIsRefusingThoughPodsServe) {
  const auto refuses = service_problem(kDatabase, heard(kDatabaseLetsNobodyElseIn), nullptr, false);
  EXPECT_EQ(refuses->reason, kLoginRefused);
  EXPECT_EQ(refuses->message,
            "pods go on with the connections that they have to the database, and get no other: correct it");
}

TEST(AServiceOfOurs, IsSaidToRefuseTheLoginAndWhereThatIs) {
  for (const char* readyz :
       {kDatabaseLetsNobodyElseIn,
        R"({"ready": false, "database": {"reachable": false, "error": "e", "cause": "LoginRefused"}})"}) {
    const auto refuses = login_problem(kDatabase, heard(readyz), nullptr, "demo-database-binding");
    ASSERT_TRUE(refuses) << readyz;
    EXPECT_EQ(refuses->reason, kLoginRefused);
    EXPECT_THAT(refuses->message, HasSubstr("(the login is that of Secret demo-database-binding)"));
    const Json former = condition("False", refuses->reason, refuses->message);
    EXPECT_EQ(login_problem(kDatabase, {.asking = true, .word = {}}, &former, "s")->message,
              refuses->message);
    EXPECT_FALSE(login_problem(kDatabase, heard(kWell), &former, "s"));
    EXPECT_FALSE(login_problem(kDatabase, {}, &former, "s")) << "nobody can be asked any more";
  }
}

TEST(AServiceOfOurs, IsNotSaidToBeAwayByPods) {
  EXPECT_FALSE(login_problem(kDatabase, heard(kDatabaseAway), nullptr, "s"))
      << "the operator sees that itself";
  EXPECT_FALSE(login_problem(kCache, {.asking = true, .word = {}}, nullptr, "s")) << "nor is it waited for";
}

TEST(AServiceOfOthers, IsOneThatTheOperatorDoesNotRun) {
  auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  EXPECT_FALSE(uses_services_of_others(inputs));
  for (const auto component : {kDatabase, kCache, kMessaging}) {
    auto rented = inputs;
    rented.bindings[component]["provider"] = "user";
    EXPECT_TRUE(uses_services_of_others(rented)) << text_of(component);
  }
}

TEST(AServiceOfOthers, ThatFailsIsWhatReadyTellsOf) {
  APass pass{"tier: MVP", {{"backend_deployment", promptsales::testing::failed("NotAnswering")}}};
  pass.problems.emplace_back(kDatabase, promptsales::testing::failed("ServiceUnusable", "start it"));
  const auto status = pass.status();
  EXPECT_EQ(brief(status, "Ready"), "False ServiceUnusable");
  EXPECT_EQ(brief(status, "DatabaseReady"), "False ServiceUnusable");
  EXPECT_EQ(brief(status, "CacheReady"), "True Available");
  EXPECT_EQ(brief(status, "BackendAvailable"), "False NotAnswering");
}

TEST(AServiceOfOthers, IsWaitedForByReadyAlone) {
  APass pass;
  pass.unasked = promptsales::testing::progressing("Connecting");
  EXPECT_EQ(brief(pass.status(), "Ready"), "False Connecting");
  EXPECT_EQ(brief(pass.status(), "CacheReady"), "True Available");
  APass starting{"tier: MVP", {{"backend_deployment", promptsales::testing::progressing("RollingOut")}}};
  starting.problems.emplace_back(kCache, promptsales::testing::progressing("Connecting"));
  EXPECT_EQ(brief(starting.status(), "Ready"), "False RollingOut") << "what is under way comes first";
}

}  // namespace
}  // namespace promptsales::controllers
