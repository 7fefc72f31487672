// New entries of a binding are tried before pods get them.

#include <gmock/gmock.h>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::bindings::entries_in;
using k8s::Json;
using k8s::string_at;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class AChangedLogin : public WithOperator {
 protected:
  void SetUp() override {
    give("one");
    create("demo", "{tier: MVP, database: {type: Secret, secretRef: {name: login}}}");
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
    ASSERT_THAT(left_of_trials(), IsEmpty()) << "the first entries are not tried: nobody serves with others";
    first_ = hash();
  }
  void give(const std::string& password, const std::string& secret = "login") {
    server.apply(kSecret,
                 {{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", secret}}},
                  {"data", {{"uri", base64_encode("postgresql://u:" + password + "@db.example/d")}}}});
  }
  std::string password() { return entries_in(server.get(kSecret, "demo-database-binding")).at("password"); }
  std::string hash() {
    return string_at(server.get(kDeployment, "demo-backend"),
                     {"spec", "template", "metadata", "annotations", "promptsales.io/binding-hash-database"});
  }
  /// The Job that tries them, once there is one other than `former`.
  std::string trial(const std::string& former = "") {
    std::string found;
    EXPECT_TRUE(eventually([&] {
      for (const auto& job : trials("demo"))
        if (job != former) found = job;
      return !found.empty();
    }));
    return found;
  }
  std::vector<std::string> left_of_trials() {
    auto all = ours();
    std::erase_if(all, [](const auto& name) { return !name.contains("demo-trial-"); });
    return all;
  }
  bool says(const std::string& reason) {
    return eventually([&] { return reason_of("demo", "DatabaseReady") == reason; });
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
  std::string first_;
};

TEST_F(AChangedLogin, IsTriedByAJobBeforePodsGetIt) {
  give("two");
  const Json job = server.get(kJob, trial());
  const auto secret =
      job.at("/spec/template/spec/volumes/0/secret/secretName"_json_pointer).get<std::string>();
  EXPECT_EQ(entries_in(server.get(kSecret, secret)).at("password"), "two");
  EXPECT_TRUE(says("BindingTrial"));
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_TRUE(throughout(500ms, [&] { return password() == "one" && hash() == first_; }));

  finish_job(string_at(job, {"metadata", "name"}));
  EXPECT_TRUE(eventually([&] { return password() == "two" && hash() != first_; }));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] { return left_of_trials().empty(); }));
}

TEST_F(AChangedLogin, ThatTheServiceRefusesLeavesTheFormerOneInUse) {
  give("two");
  const auto first_trial = trial();
  fail_job(first_trial, 1, "database: the server refuses username and password");
  EXPECT_TRUE(says("BindingRejected"));
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("refuses username and password"));
  EXPECT_EQ(reason_of("demo", "Ready"), "BindingRejected");
  EXPECT_TRUE(throughout(500ms, [&] { return password() == "one" && hash() == first_; }));

  give("three");  // not refused yet: it is tried at once
  const auto second_trial = trial(first_trial);
  EXPECT_TRUE(eventually([&] { return left_of_trials().size() == 2; })) << "those of the former are gone";
  finish_job(second_trial);
  EXPECT_TRUE(eventually([&] { return password() == "three"; }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(AChangedLogin, IsTriedAgainByItselfWhenTheServiceMayHaveBeenMended) {
  give("two");
  const auto first_trial = trial();
  fail_job(first_trial, 1, "database: nothing listens");
  ASSERT_TRUE(says("BindingRejected"));
  const auto again = trial(first_trial);  // after ten seconds
  EXPECT_THAT(again, HasSubstr("-2"));
  EXPECT_TRUE(throughout(500ms, [&] { return reason_of("demo", "DatabaseReady") == "BindingRejected"; }));
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("nothing listens"));
  finish_job(again);
  EXPECT_TRUE(eventually([&] { return password() == "two"; }));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] { return left_of_trials().empty(); }));
}

TEST_F(AChangedLogin, IsForgottenWhenItIsTakenBack) {
  give("two");
  const auto job = trial();
  fail_job(job, 1, "database: no");
  ASSERT_TRUE(says("BindingRejected"));
  give("one");
  EXPECT_TRUE(becomes("demo", "Ready"));
  EXPECT_TRUE(eventually([&] { return left_of_trials().empty(); }));
  EXPECT_EQ(hash(), first_);
}

TEST_F(AChangedLogin, IsStillOnTrialForTheNextOperator) {
  give("two");
  const auto job = trial();
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  EXPECT_TRUE(throughout(1s, [&] { return password() == "one" && trials("demo") == std::vector{job}; }));
  finish_job(job);
  EXPECT_TRUE(eventually([&] { return password() == "two"; }));
}

TEST_F(AChangedLogin, OfOneServiceDoesNotWaitForThatOfAnother) {
  give("two");
  const auto refused = trial();
  fail_job(refused, 1, "database: no");
  ASSERT_TRUE(says("BindingRejected"));
  server.apply(kSecret, {{"apiVersion", "v1"},
                         {"kind", "Secret"},
                         {"metadata", {{"name", "redis"}}},
                         {"data", {{"url", base64_encode("redis://:p@redis.example")}}}});
  change("demo", {{"cache", {{"type", "Secret"}, {"secretRef", {{"name", "redis"}}}}}});
  finish_job(trial(refused));
  EXPECT_TRUE(eventually(
      [&] { return entries_in(server.get(kSecret, "demo-cache-binding")).at("host") == "redis.example"; }));
  EXPECT_EQ(password(), "one");
  EXPECT_TRUE(eventually([&] { return status_of("demo", "CacheReady") == "True"; }));
  EXPECT_EQ(reason_of("demo", "DatabaseReady"), "BindingRejected");
}

TEST_F(AChangedLogin, InTheBindingSecretItselfIsRepairedWithoutATrial) {
  server.patch(kSecret, "demo-database-binding", {{"data", {{"password", base64_encode("tampered")}}}});
  EXPECT_TRUE(eventually([&] { return password() == "one"; }));
  EXPECT_THAT(left_of_trials(), IsEmpty());
  EXPECT_TRUE(becomes("demo", "Ready"));
}

TEST_F(AChangedLogin, IsFollowedFromTheDayThatTheSpecSaysSo) {
  change("demo", {{"secretRotation", {{"strategy", "HotReload"}}}});
  ASSERT_TRUE(eventually([&] { return hash() != first_; }));
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_THAT(left_of_trials(), IsEmpty()) << "nothing has changed that could be tried";
  const auto followed = hash();
  give("two");
  finish_job(trial());
  EXPECT_TRUE(eventually([&] { return password() == "two"; }));
  EXPECT_TRUE(becomes("demo", "Ready"));
  EXPECT_EQ(hash(), followed);
}

/// Pods follow it while they run: by when all of them have done so is not known.
class AFollowedLogin : public AChangedLogin {
 protected:
  void SetUp() override {
    give("one");
    create("demo",
           "{tier: MVP, database: {type: Secret, secretRef: {name: login}}, secretRotation: {strategy: "
           "HotReload}}");
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
    first_ = hash();
  }
  void ask_for(const std::string& secret) {
    change("demo", {{"database", {{"type", "Secret"}, {"secretRef", {{"name", secret}}}}}});
  }
};

TEST_F(AFollowedLogin, ReplacesNoPodWhenTheSecretHasAnotherOne) {
  give("two");
  finish_job(trial());
  EXPECT_TRUE(eventually([&] { return password() == "two"; }));
  EXPECT_TRUE(becomes("demo", "Ready"));
  EXPECT_EQ(hash(), first_);
}

TEST_F(AFollowedLogin, IsServedByEveryPodWhenReadyIsSaidOfTheSpecThatAskedForIt) {
  give("two", "other");
  ask_for("other");
  const auto job = trial();
  EXPECT_TRUE(throughout(500ms, [&] { return hash() == first_; }))
      << "nothing is replaced before it is known to work";
  finish_job(job);
  ASSERT_TRUE(eventually([&] { return hash() != first_; }));
  EXPECT_EQ(password(), "two");
  EXPECT_TRUE(throughout(500ms, [&] { return status_of("demo", "Ready") != "True"; }))
      << "pods are not replaced yet";
  EXPECT_TRUE(become_ready("demo"));

  const auto second = hash();
  give("three", "other");
  finish_job(trial(job));
  EXPECT_TRUE(eventually([&] { return password() == "three"; }));
  EXPECT_TRUE(becomes("demo", "Ready"));
  EXPECT_EQ(hash(), second);
}

TEST_F(AFollowedLogin, IsAskedForByWhatTheSecretSaysAlsoForTheNextOperator) {
  give("two", "other");
  ask_for("other");
  finish_job(trial());
  ASSERT_TRUE(eventually([&] { return hash() != first_; }));
  ASSERT_TRUE(become_ready("demo"));
  const auto now = hash();
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  EXPECT_TRUE(throughout(500ms, [&] { return hash() == now; }));
  EXPECT_EQ(writes(*running), 0);
}

TEST_F(AChangedLogin, IsNeverShown) {
  constexpr const char* kCanary = "canary-51c7";
  give(kCanary);
  fail_job(trial(), 1, "database: the server refuses username and password");
  ASSERT_TRUE(says("BindingRejected"));
  for (const auto& name : trials("demo")) EXPECT_THAT(server.get(kJob, name).dump(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(read("demo").dump(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(running->log(), Not(AnyOf(HasSubstr(kCanary), HasSubstr(base64_encode(kCanary)))));
}

}  // namespace
}  // namespace promptsales::testing
