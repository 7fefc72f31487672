// Services that pods cannot use, of others and of ours: the operator asks a pod. The pod is this test, at an address of
// loopback.

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>

#include "base/guarded.hpp"
#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "operator/runtime/admin_server.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

constexpr const char* kWell =
    R"({"ready": true, "database": {"reachable": true}, "cache": {"reachable": true}})";
constexpr const char* kCacheRefuses =
    R"({"ready": true, "database": {"reachable": true},
        "cache": {"reachable": false, "error": "it refuses the password", "cause": "LoginRefused"}})";
constexpr const char* kDatabaseAway =
    R"({"ready": false, "database": {"reachable": false, "error": "nothing listens", "cause": "Unreachable"},
        "cache": {"reachable": true}})";
constexpr const char* kMessagingRefuses =
    R"({"ready": true, "database": {"reachable": true},
        "messaging": {"reachable": false, "error": "it refuses the password", "cause": "LoginRefused"}})";
constexpr const char* kMessagingAway =
    R"({"ready": true, "database": {"reachable": true},
        "messaging": {"reachable": false, "error": "nothing listens", "cause": "Unreachable"}})";
constexpr const char* kLoginAltered =
    R"({"ready": true, "database": {"reachable": true, "login_refused": "it refuses the password"},
        "cache": {"reachable": true}})";

/// Everybody has loopback for himself: 127.0.0.0/8, by the number of the process.
std::string own_address() {
  const auto pid = getpid();
  return "127." + std::to_string(1 + (pid >> 16) % 250) + "." + std::to_string((pid >> 8) % 256) + "." +
         std::to_string(pid % 256);
}

class ServicesOfOthers : public WithOperator {
 protected:
  ServicesOfOthers() {
    pod_.route("/readyz", [this] {
      ++asked_;
      return runtime::AdminAnswer{.body = body_.with([](const auto& text) { return text; })};
    });
  }
  void SetUp() override {
    give_secret("login", "postgresql://u:p@db.example/d");
    give_secret("redis", "redis://:p@redis.example");
    give_secret("nats", "nats://u:p@nats.example");
  }
  void give_secret(const std::string& name, const std::string& uri) {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", name}}},
                           {"data", controllers::bindings::secret_data({{"uri", uri}})}});
  }
  void create_demo() {
    create("demo",
           "{tier: MVP, database: {type: Secret, secretRef: {name: login}}, cache: {type: Secret, secretRef: "
           "{name: redis}}}");
    ASSERT_TRUE(eventually([&] { return !server.get(kDeployment, "demo-backend").is_null(); }));
  }
  void say(const std::string& body) {
    body_.with([&](auto& now) { now = body; });
  }
  void listen() {
    const auto listening = pod_.start(own_address() + ":" + std::to_string(controllers::kAdminPort));
    ASSERT_TRUE(listening) << listening.error().message;
  }
  /// A pod of the backend runs, and answers if `answers`.
  void run_a_pod(bool answers = true) {
    if (answers) listen();
    const Json deployed = server.get(kDeployment, "demo-backend").at("spec").at("template");
    Json pod{{"apiVersion", "v1"},
             {"kind", "Pod"},
             {"metadata",
              {{"name", "demo-backend-x"},
               {"namespace", server.ns()},
               {"labels", deployed.at("metadata").at("labels")}}},
             {"spec", {{"containers", Json::array({{{"name", "backend"}, {"image", "i"}}})}}}};
    const auto made = server.client().apply(kPod, pod, {.manager = "test-node"});
    ASSERT_TRUE(made) << made.error().message;
    say_of_the_pod(answers);
  }
  void say_of_the_pod(bool is_ready) {
    write_status(kPod, "demo-backend-x",
                 {{"phase", "Running"},
                  {"conditions", Json::array({{{"type", "Ready"}, {"status", is_ready ? "True" : "False"}}})},
                  {"podIP", own_address()},
                  {"podIPs", Json::array({{{"ip", own_address()}}})},
                  {"containerStatuses",
                   Json::array({{{"name", "backend"},
                                 {"image", "i"},
                                 {"imageID", "i"},
                                 {"ready", is_ready},
                                 {"restartCount", 0},
                                 {"state", {{"running", {{"startedAt", "2026-11-21T12:00:00Z"}}}}}}})}});
  }
  bool says(const std::string& condition, const std::string& reason) {
    return eventually([&] { return reason_of("demo", condition) == reason; });
  }

  std::atomic<int> asked_ = 0;
  Guarded<std::string> body_{std::string{kWell}};
  runtime::AdminServer pod_;
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(ServicesOfOthers, AreReadyWhenAPodHasConnectedToThem) {
  create_demo();
  EXPECT_NE(status_of("demo", "CacheReady"), "True");
  EXPECT_NE(status_of("demo", "DatabaseReady"), "True");
  run_a_pod();
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "True");
}

TEST_F(ServicesOfOthers, ThatRefuseTheirFirstPasswordKeepTheResourceFromBeingReady) {
  say(kCacheRefuses);
  create_demo();
  run_a_pod();
  ASSERT_TRUE(says("CacheReady", "LoginRefused")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "CacheReady"),
              HasSubstr("pods cannot use the cache: it refuses the password"));
  EXPECT_TRUE(throughout(2s, [&] {
    serve_workloads("demo");
    return status_of("demo", "Ready") != "True";
  }));
  EXPECT_EQ(reason_of("demo", "Ready"), "LoginRefused");
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "True");
  EXPECT_TRUE(eventually([&] { return status_of("demo", "BackendAvailable") == "True"; }));
  EXPECT_TRUE(eventually([&] { return !events("demo", "LoginRefused").empty(); }));
  say(kWell);
  EXPECT_TRUE(becomes("demo", "Ready")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "CacheReady"), "Available");
}

TEST_F(ServicesOfOthers, ThatGoDownAreSaidAndNoPodIsReplaced) {
  create_demo();
  run_a_pod();
  ASSERT_TRUE(become_ready("demo"));
  const auto deployed = server.get(kDeployment, "demo-backend").at("metadata").at("generation");
  const auto before = versions();
  say(kDatabaseAway);
  ASSERT_TRUE(says("DatabaseReady", "ServiceUnreachable")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "Ready"), "ServiceUnreachable");
  EXPECT_THAT(message_of("demo", "Ready"), HasSubstr("nothing listens"));
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
  say(kWell);
  EXPECT_TRUE(becomes("demo", "Ready"));
  EXPECT_EQ(server.get(kDeployment, "demo-backend").at("metadata").at("generation"), deployed);
  auto after = versions();
  after["PromptSales/demo"] = before.at("PromptSales/demo");
  EXPECT_EQ(after, before) << "nothing but the status was written";
}

TEST_F(ServicesOfOthers, AreMessagingToo) {
  create("demo", "{tier: MVP, messaging: {type: Secret, secretRef: {name: nats}}}");
  ASSERT_TRUE(eventually([&] { return !server.get(kDeployment, "demo-backend").is_null(); }));
  say(kMessagingRefuses);
  run_a_pod();
  ASSERT_TRUE(says("MessagingReady", "LoginRefused")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "MessagingReady"), HasSubstr("it refuses the password"));
  say(kWell);
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "MessagingReady"), "Available");
  say(kMessagingAway);
  EXPECT_TRUE(says("MessagingReady", "ServiceUnreachable")) << read("demo").dump(2);
}

TEST_F(ServicesOfOthers, AreUnusableForAnOlderImageThatDoesNotSayWhy) {
  create_demo();
  say(R"({"ready": true, "database": {"reachable": true}, "cache": {"reachable": false, "error": "it is full"}})");
  run_a_pod();
  EXPECT_TRUE(says("CacheReady", "ServiceUnusable")) << read("demo").dump(2);
}

TEST_F(ServicesOfOthers, ThatAreAwayAreSoForTheNextOperatorToo) {
  create_demo();
  run_a_pod();
  ASSERT_TRUE(become_ready("demo"));
  say(kCacheRefuses);
  ASSERT_TRUE(says("CacheReady", "LoginRefused"));
  const auto anew = [&] {
    running->terminate();
    ASSERT_TRUE(running->wait());
    running = an_operator();
    ASSERT_TRUE(eventually([&] { return running->leading(); }));
    ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  };
  anew();
  EXPECT_TRUE(throughout(3s, [&] { return reason_of("demo", "CacheReady") == "LoginRefused"; }));
  EXPECT_EQ(writes(*running), 0);
  say(kWell);
  ASSERT_TRUE(becomes("demo", "Ready"));
  anew();
  EXPECT_TRUE(throughout(3s, [&] { return status_of("demo", "Ready") == "True"; }));
  EXPECT_EQ(writes(*running), 0);
}

TEST_F(ServicesOfOthers, AreWaitedForAlsoWhenAPodTakesItsTimeToStart) {
  say(kCacheRefuses);
  create_demo();
  run_a_pod(/*answers=*/false);
  EXPECT_TRUE(throughout(6s, [&] { return status_of("demo", "CacheReady") != "True"; }));
  listen();
  say_of_the_pod(/*is_ready=*/true);
  EXPECT_TRUE(throughout(6s, [&] {
    serve_workloads("demo");
    return status_of("demo", "Ready") != "True" && status_of("demo", "CacheReady") != "True";
  }));
  EXPECT_TRUE(says("CacheReady", "LoginRefused")) << read("demo").dump(2);
}

TEST_F(ServicesOfOthers, AreNotAskedForWhileTheResourceIsSuspended) {
  create_demo();
  run_a_pod();
  ASSERT_TRUE(become_ready("demo"));
  change("demo", {{"suspend", true}});
  ASSERT_TRUE(says("Ready", "Suspended"));
  const int before = asked_;
  EXPECT_TRUE(throughout(4s, [&] { return asked_ <= before + 1; })) << "one may have been on its way";
  say(kCacheRefuses);
  change("demo", {{"suspend", false}});
  EXPECT_TRUE(says("CacheReady", "LoginRefused"));
}

TEST_F(ServicesOfOthers, CountAsUsableWherePodsCannotBeAsked) {
  create_demo();
  run_a_pod(/*answers=*/false);
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
}

/// Of one that the operator runs it sees what its server does, and not whom that lets in.
class ServicesOfOurs : public ServicesOfOthers {
 protected:
  void create_and_serve() {
    create("demo");
    ASSERT_TRUE(eventually([&] { return !server.get(kDeployment, "demo-backend").is_null(); }));
    run_a_pod();
    ASSERT_TRUE(become_ready("demo"));
  }
};

TEST_F(ServicesOfOurs, AreNotReadyWhileTheyTakeNoFurtherLogin) {
  create_and_serve();
  const auto before = versions();
  say(kLoginAltered);
  ASSERT_TRUE(says("DatabaseReady", "LoginRefused")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "Ready"), "LoginRefused");
  EXPECT_THAT(message_of("demo", "Ready"),
              HasSubstr("it refuses the password (the login is that of Secret demo-database-binding)"));
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
  EXPECT_EQ(status_of("demo", "BackendAvailable"), "True");
  say(kWell);
  ASSERT_TRUE(says("DatabaseReady", "Available"));
  EXPECT_TRUE(becomes("demo", "Ready"));
  auto after = versions();
  after["PromptSales/demo"] = before.at("PromptSales/demo");
  EXPECT_EQ(after, before) << "nothing but the status was written";
  say(kCacheRefuses);
  EXPECT_TRUE(says("CacheReady", "LoginRefused"));
}

TEST_F(ServicesOfOurs, AreNotSaidToBeAwayByPods) {
  create_and_serve();
  say(kDatabaseAway);
  const int before = asked_;
  ASSERT_TRUE(eventually([&] { return asked_ > before + 3; }));
  EXPECT_EQ(status_of("demo", "Ready"), "True");
}

TEST_F(ServicesOfOurs, AreNotWaitedForWherePodsSayNothing) {
  create("demo");
  ASSERT_TRUE(eventually([&] { return !server.get(kDeployment, "demo-backend").is_null(); }));
  say("upstream connect error");
  run_a_pod();
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
}

}  // namespace
}  // namespace promptsales::testing
