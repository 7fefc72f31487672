// Databases, caches and messaging that others run: what pods get, what happens when it changes, goes or is
// wrong.

#include <gmock/gmock.h>

#include <algorithm>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "tests/integration/support/definitions.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::bindings::Entries;
using k8s::Json;
using k8s::string_at;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kExternal = "{tier: MVP, database: {type: Secret, secretRef: {name: login}}}";
constexpr const char* kCanary = "canary-7d1e";

class Bindings : public WithOperator {
 protected:
  void give_secret(const std::string& name, const Entries& content) {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", name}}},
                           {"data", controllers::bindings::secret_data(content)}});
  }
  static Entries a_login(const std::string& password, const std::string& host = "db.example") {
    return {{"uri", "postgresql://u:" + password + "@" + host + ":5433/d"}};
  }
  Entries binding(const std::string& name) {
    return controllers::bindings::entries_in(server.get(kSecret, name));
  }
  std::string hash() {
    const Json deployment = server.get(kDeployment, "demo-backend");
    return string_at(deployment,
                     {"spec", "template", "metadata", "annotations", "promptsales.io/binding-hash-database"});
  }
  bool says(const std::string& reason) {
    return eventually([&] { return reason_of("demo", "DatabaseReady") == reason; });
  }
  bool exists(const k8s::Kind& kind, const std::string& name) { return !server.get(kind, name).is_null(); }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(Bindings, OfASecretReachPodsInTheNormalFormAndTheSecretIsLeftAlone) {
  give_secret("login", a_login("one"));
  const Json before = server.get(kSecret, "login");
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  const Entries entries = binding("demo-database-binding");
  EXPECT_EQ(entries.at("host"), "db.example");
  EXPECT_EQ(entries.at("password"), "one");
  EXPECT_EQ(entries.at("provider"), "user");
  EXPECT_EQ(entries.at("read-port"), "5433");
  EXPECT_FALSE(exists(kStatefulSet, "demo-database"));
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "True");
  const auto egress =
      server.get(kNetworkPolicy, "demo-backend").at("spec").at("egress").get<std::vector<Json>>();
  EXPECT_THAT(egress, Contains(Json{{"ports", Json::array({{{"port", 5433}, {"protocol", "TCP"}}})}}));

  server.remove(kPromptSales, "demo");
  // The cluster's garbage collector learns of a new kind of owner every 30 s.
  ASSERT_TRUE(eventually([&] { return !exists(kDeployment, "demo-backend"); }, 120s));
  EXPECT_EQ(server.get(kSecret, "login"), before);
}

TEST_F(Bindings, AreWaitedForWhenTheSecretIsNotThereYet) {
  create("demo", kExternal);
  ASSERT_TRUE(says("SecretMissing")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr(server.ns() + "/login"));
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_TRUE(eventually([&] { return exists(kStatefulSet, "demo-cache"); })) << "the rest is brought";
  EXPECT_FALSE(exists(kDeployment, "demo-backend"));
  EXPECT_EQ(status_of("demo", "BackendAvailable"), "False");
  EXPECT_EQ(reason_of("demo", "BackendAvailable"), "SecretMissing");
  EXPECT_THAT(message_of("demo", "BackendAvailable"), HasSubstr("is made when the database is bound"));

  give_secret("login", a_login("one"));
  EXPECT_TRUE(eventually([&] { return exists(kDeployment, "demo-backend"); }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(Bindings, FollowAnEditAndIgnoreALabel) {
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  const std::string first = hash();

  give_secret("login", a_login("two"));
  finish_job(a_trial("demo"));
  EXPECT_TRUE(eventually([&] { return hash() != first; }));
  EXPECT_EQ(binding("demo-database-binding").at("password"), "two");
  ASSERT_TRUE(become_ready("demo"));

  const auto at_rest = settled();
  ASSERT_TRUE(eventually([&] { return !events("demo", "Ready").empty(); }));
  const auto before = writes(*running);
  const auto gets = running->metric("rest_client_requests_total", {"method=\"get\""});
  server.patch(kSecret, "login",
               {{"metadata", {{"labels", {{"edited", "yes"}}}, {"annotations", {{"force-sync", "1"}}}}}});
  server.patch(kSecret, "login", {{"data", {{"unrelated", base64_encode("x")}}}});
  ASSERT_TRUE(eventually([&] {
    return running->metric("rest_client_requests_total", {"method=\"get\""}) > gets;
  })) << "the edit was not even noticed";
  EXPECT_TRUE(throughout(1s, [&] { return versions() == at_rest; }));
  EXPECT_EQ(writes(*running), before);
}

TEST_F(Bindings, ThatSomebodyElseGaveAreNotTheLoginOfAServerOfOurOwn) {
  give_secret("login", {{"uri", "redis://app:with%20blank@cache.example:6379"}});
  create("demo", "{tier: MVP, cache: {type: Secret, secretRef: {name: login}}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_EQ(binding("demo-cache-binding").at("username"), "app");
  change("demo", {{"cache", {{"type", "Embedded"}, {"secretRef", nullptr}}}});
  ASSERT_TRUE(eventually([&] { return exists(kSecret, "demo-cache"); }));
  const Entries made = binding("demo-cache");
  EXPECT_EQ(made.at("username"), "default");
  EXPECT_NE(made.at("password"), "with blank");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(binding("demo-cache-binding").at("provider"), "embedded");
  EXPECT_EQ(binding("demo-cache-binding").at("password"), made.at("password"));
}

TEST_F(Bindings, ThatBecomeUnusableLeaveTheLastGoodOneInUse) {
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  const std::string good = hash();

  server.patch(kSecret, "login", {{"data", {{"uri", base64_encode("postgresql://u:two@")}}}});
  ASSERT_TRUE(says("BindingInvalid"));
  server.patch(kSecret, "login", {{"data", {{"uri", nullptr}}}});
  ASSERT_TRUE(says("KeyMissing"));
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("host, hostname"));
  server.remove(kSecret, "login");
  ASSERT_TRUE(says("SecretMissing"));
  EXPECT_EQ(hash(), good);
  EXPECT_EQ(binding("demo-database-binding").at("password"), "one");

  give_secret("login", a_login("three"));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_NE(hash(), good);
}

TEST_F(Bindings, ReplaceAnEmbeddedServiceOnlyWhenNoPodUsesItAnyMore) {
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  change("demo", from_yaml("database: {type: Secret, secretRef: {name: login}}"));
  ASSERT_TRUE(says("SecretMissing"));
  EXPECT_TRUE(throughout(500ms, [&] { return exists(kStatefulSet, "demo-database"); }));
  EXPECT_EQ(binding("demo-database-binding").at("provider"), "embedded");

  give_secret("login", a_login("one"));
  finish_job(a_trial("demo"));
  ASSERT_TRUE(eventually([&] { return binding("demo-database-binding").at("provider") == "user"; }));
  EXPECT_TRUE(throughout(1s, [&] { return exists(kStatefulSet, "demo-database"); }))
      << "old pods still use it";
  EXPECT_TRUE(become_ready("demo"));  // the roll-out is over
  EXPECT_TRUE(eventually([&] { return !exists(kStatefulSet, "demo-database"); }));
  EXPECT_TRUE(exists(kSecret, "demo-database")) << "the password of the data stays with the data";
}

TEST_F(Bindings, TellOnceOfTheVolumeThatAnotherServiceLeavesBehind) {
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  Json claim = server.get(kStatefulSet, "demo-database").at("spec").at("volumeClaimTemplates").at(0);
  claim.update({{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}});
  claim["metadata"]["name"] = "data-demo-database-0";
  claim.erase("status");
  server.apply(kPersistentVolumeClaim, claim);
  give_secret("login", a_login("one"));
  change("demo", from_yaml("database: {type: Secret, secretRef: {name: login}}"));
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_TRUE(eventually([&] { return !events("demo", "DataRetained").empty(); }));
  EXPECT_THAT(events("demo", "DataRetained").front(),
              HasSubstr("delete persistentvolumeclaim/data-demo-database-0 secret/demo-database"));

  restarts_without_a_write(running);
  EXPECT_EQ(events("demo", "DataRetained").size(), 1U);
}

TEST_F(Bindings, SayThatAPasswordOfSomebodyElseIsNotReplaced) {
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  server.patch(kPromptSales, "demo",
               {{"metadata", {{"annotations", {{"promptsales.io/rotate-database-password", "now"}}}}}});
  EXPECT_TRUE(eventually([&] {
    return message_of("demo", "DatabaseReady")
        .contains("promptsales.io/rotate-database-password does nothing");
  })) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "Ready"), "True");
}

TEST_F(Bindings, StayWithinTheReachOfPodsThatWereStartedWithThem) {
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  const auto allows = [&](int port) {
    const Json rule{{"ports", Json::array({{{"port", port}, {"protocol", "TCP"}}})}};
    const Json policy = server.get(kNetworkPolicy, "demo-backend");
    return std::ranges::count(*k8s::at_path(policy, {"spec", "egress"}), rule) == 1;
  };
  give_secret("login", {{"uri", "postgresql://u:one@db.example:6432/d"}});
  finish_job(a_trial("demo"));
  ASSERT_TRUE(eventually([&] { return allows(6432); }));
  EXPECT_TRUE(throughout(1s, [&] { return allows(5433) && allows(6432); }));
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  EXPECT_TRUE(throughout(1s, [&] { return allows(5433) && allows(6432); })) << "an operator that starts anew";

  ASSERT_TRUE(become_ready("demo"));  // the roll-out is over
  EXPECT_TRUE(eventually([&] { return !allows(5433); }));
  EXPECT_TRUE(allows(6432));
}

TEST_F(Bindings, OfOneServiceThatAreMissingConcernNothingElse) {
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  const auto image = [&] {
    return server.get(kDeployment, "demo-backend")
        .at("/spec/template/spec/containers/0/image"_json_pointer)
        .get<std::string>();
  };
  change("demo", from_yaml("{messaging: {type: Secret, secretRef: {name: typo}}, "
                           "backend: {autoscaling: {type: None, minReplicas: 2}}, "
                           "image: 'registry.example/backend:2'}"));
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "MessagingReady") == "SecretMissing"; }));
  EXPECT_TRUE(eventually([&] { return !exists(kHorizontalPodAutoscaler, "demo-backend"); }))
      << "it would fight with the replicas of the spec";
  EXPECT_TRUE(eventually([&] {
    serve_workloads("demo");
    return image() == "registry.example/backend:2";
  })) << "what else the spec changes is rolled out";
  EXPECT_TRUE(eventually([&] {
    serve_workloads("demo");
    return status_of("demo", "BackendAvailable") == "True";
  }));
  EXPECT_EQ(read("demo").at("status").at("backend").at("replicas"), 2);
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_TRUE(exists(kStatefulSet, "demo-database"));

  give_secret("typo", {{"uri", "nats://u:p@nats.example"}});
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_THAT(server.get(kDeployment, "demo-backend").dump(), HasSubstr("/bindings/messaging"));
}

TEST_F(Bindings, LeaveABackendAloneThatLacksOneWhichItHad) {
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  const std::string good = hash();
  server.remove(kSecret, "login");
  ASSERT_TRUE(says("SecretMissing"));
  server.remove(kSecret, "demo-database-binding");
  EXPECT_TRUE(throughout(1s, [&] { return exists(kDeployment, "demo-backend") && hash() == good; }));
  EXPECT_EQ(read("demo").at("status").at("backend").at("replicas"), 2);
  give_secret("login", a_login("one"));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(hash(), good);
}

TEST_F(Bindings, NeverShowWhatTheyHold) {
  give_secret("login", a_login(kCanary));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  server.patch(kSecret, "login",
               {{"data", {{"uri", base64_encode(std::string{"postgresql://u:x/"} + kCanary + "@h/d")}}}});
  ASSERT_TRUE(says("BindingInvalid"));
  ASSERT_TRUE(eventually([&] { return !events("demo", "BindingInvalid").empty(); }));
  EXPECT_THAT(read("demo").dump(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(running->log(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(running->log(), Not(HasSubstr(base64_encode(kCanary).substr(0, 12))));
  for (const auto& note : events("demo", "BindingInvalid")) EXPECT_THAT(note, Not(HasSubstr(kCanary)));
}

TEST_F(Bindings, KeepNothingOfSecretsThatNobodyNames) {
  create("plain");
  ASSERT_TRUE(become_ready("plain"));
  EXPECT_THAT(running->get("/metrics").body, Not(HasSubstr("secrets (metadata)")))
      << "nobody needs that watch";
  const double threads = running->metric("process_threads");
  EXPECT_LE(threads, 40);

  for (int i = 0; i < 20; ++i) give_secret("foreign-" + std::to_string(i), a_login("x"));
  give_secret("login", a_login("one"));
  create("demo", kExternal);
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] {
    return running->metric("promptsales_informer_objects", {"resource=\"secrets (metadata)\""}) == 1;
  }));
  EXPECT_EQ(running->metric("process_threads"), threads + 1);
  EXPECT_EQ(running->metric("promptsales_informer_objects", {"resource=\"secrets\""}), 11) << "ours alone";
}

TEST_F(Bindings, OfACacheAndMessagingWorkAlike) {
  give_secret("redis", {{"url", "rediss://:p@redis.example:10000"}});
  give_secret("nats", {{"NATS_URL", "nats://u:p@nats.example"}});
  create("demo",
         "{tier: MVP, cache: {type: Secret, secretRef: {name: redis}}, "
         "messaging: {type: Secret, secretRef: {name: nats, keys: {uri: NATS_URL}}}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(binding("demo-cache-binding").at("ssl"), "true");
  EXPECT_EQ(binding("demo-messaging-binding").at("port"), "4222");
  EXPECT_EQ(status_of("demo", "MessagingReady"), "True");
  EXPECT_FALSE(exists(kStatefulSet, "demo-cache"));
  EXPECT_EQ(read("demo").at("status").at("bindings").size(), 3);
}

// An older operator has bound such Secrets: nothing of them is refused that serves.
TEST_F(Bindings, SayWhatOfASecretIsNotUsed) {
  give_secret("login", {{"uri", "postgresql://u:one@db.example/d"},
                        {"read-uri", "postgresql://reader:r@copy.example/d"}});
  give_secret("redis", {{"host", "redis.example"}});
  create("demo",
         "{tier: MVP, database: {type: Secret, secretRef: {name: login}}, cache: {type: Secret, secretRef: "
         "{name: redis}}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("read-uri"));
  EXPECT_EQ(binding("demo-database-binding").at("read-host"), "db.example");
  EXPECT_TRUE(eventually([&] { return events("demo", "EntryIgnored").size() == 1; }));

  give_secret("redis", {{"host", "redis.example"}, {"tls.key", "k"}, {"cluster.nodes", "a:1,b:2"}});
  finish_job(a_trial("demo"));
  ASSERT_TRUE(eventually([&] { return !binding("demo-cache-binding").at("cluster.nodes").empty(); }));
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_TRUE(eventually([&] { return message_of("demo", "CacheReady").contains("cluster.nodes"); }))
      << read("demo").dump(2);
  EXPECT_EQ(binding("demo-cache-binding").at("host"), "redis.example");
}

TEST_F(Bindings, OfEmbeddedMessagingAreMadeByTheOperator) {
  create("demo", "{tier: MVP, messaging: {type: Embedded, storage: 2Gi}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_TRUE(exists(kStatefulSet, "demo-messaging"));
  EXPECT_EQ(binding("demo-messaging-binding").at("host"), "demo-messaging." + server.ns() + ".svc");
  EXPECT_EQ(status_of("demo", "MessagingReady"), "True");
  const auto at_rest = settled();
  restarts_without_a_write(running);
  EXPECT_EQ(versions(), at_rest);
}

TEST_F(Bindings, OfAServiceRefWaitForItsApiAndConcernNobodyElse) {
  const std::string group = server.ns() + ".test.promptsales.io";
  create("demo", "{tier: MVP, database: {type: ServiceRef, serviceRef: {apiVersion: " + group +
                     "/v1, kind: Instance, name: db}}}");
  ASSERT_TRUE(says("ProviderAPIMissing")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr(group));
  create("other");
  EXPECT_TRUE(become_ready("other"));

  const k8s::Kind instance{group, "v1", "Instance", "instances"};
  const Definition definition{server, instance};
  EXPECT_TRUE(says("ServiceMissing")) << read("demo").dump(2);
  server.apply(instance,
               {{"apiVersion", group + "/v1"}, {"kind", "Instance"}, {"metadata", {{"name", "db"}}}});
  ASSERT_TRUE(says("Provisioning"));
  give_secret("made-by-it", a_login("one"));
  server.send({.method = "PATCH",
               .target = instance.path(server.ns()) + "/db/status",
               .body = R"({"status":{"binding":{"name":"made-by-it"}}})",
               .content_type = "application/merge-patch+json"});
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(binding("demo-database-binding").at("provider"), "service");
}

}  // namespace
}  // namespace promptsales::testing
