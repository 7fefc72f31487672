// What people change by hand under the operator's nose is put back; what is not its business is left.

#include "controllers/promptsales/children.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;

class Drift : public WithOperator {
 protected:
  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
  }
  /// Merges the patch and waits until what it changed is as before, and goes on being that.
  void is_put_back(const k8s::Kind& kind, const std::string& name, const Json& patch, const char* path) {
    const Json::json_pointer at{path};
    const Json before = server.get(kind, name);
    ASSERT_TRUE(before.contains(at)) << before;
    const Json after = server.patch(kind, name, patch);
    ASSERT_NE(after.contains(at) ? after.at(at) : Json{}, before.at(at))
        << "the patch changes nothing at " << path;
    const auto is_back = [&] {
      const Json now = server.get(kind, name);
      return now.contains(at) && now.at(at) == before.at(at);
    };
    EXPECT_TRUE(eventually(is_back)) << server.get(kind, name).dump(2);
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(Drift, ADeletedChildOfEveryKindComesBack) {
  for (const auto& [child, name] : wanted("demo")) {
    const auto uid = string_at(server.get(child->kind, name), {"metadata", "uid"});
    server.remove(child->kind, name);
    EXPECT_TRUE(eventually([&] {
      const Json now = server.get(child->kind, name);
      return !now.is_null() && string_at(now, {"metadata", "uid"}) != uid;
    })) << child->id;
  }
  EXPECT_EQ(ours().size(), wanted("demo").size());
}

TEST_F(Drift, TheImageOfTheDeploymentIsPutBack) {
  Json containers =
      server.get(kDeployment, "demo-backend").at("spec").at("template").at("spec").at("containers");
  containers[0]["image"] = "registry.example/other:1";
  is_put_back(kDeployment, "demo-backend",
              {{"spec", {{"template", {{"spec", {{"containers", containers}}}}}}}},
              "/spec/template/spec/containers/0/image");
}

TEST_F(Drift, ARenumberedPortOfAServiceIsPutBack) {
  for (const char* service : {"demo-backend", "demo-database", "demo-cache"}) {
    Json ports = server.get(kService, service).at("spec").at("ports");
    ports[0]["port"] = 4242;
    is_put_back(kService, service, {{"spec", {{"ports", ports}}}}, "/spec/ports");
  }
}

TEST_F(Drift, APortAddedToAServiceGoes) {
  Json ports = server.get(kService, "demo-backend").at("spec").at("ports");
  ports.push_back({{"name", "more"}, {"port", 4242}, {"protocol", "TCP"}});
  is_put_back(kService, "demo-backend", {{"spec", {{"ports", ports}}}}, "/spec/ports");
}

TEST_F(Drift, AnotherSelectorOfAServiceIsPutBack) {
  is_put_back(kService, "demo-backend", {{"spec", {{"selector", {{"promptsales.io/name", "other"}}}}}},
              "/spec/selector/promptsales.io~1name");
}

TEST_F(Drift, ARuleAddedToANetworkPolicyGoes) {
  Json ingress = server.get(kNetworkPolicy, "demo-database").at("spec").at("ingress");
  ingress.push_back(Json::object());  // everything may come in
  is_put_back(kNetworkPolicy, "demo-database", {{"spec", {{"ingress", ingress}}}}, "/spec/ingress");
}

TEST_F(Drift, ASourceWidenedInANetworkPolicyIsPutBack) {
  Json ingress = server.get(kNetworkPolicy, "demo-database").at("spec").at("ingress");
  ingress[0]["from"][0]["namespaceSelector"] = Json::object();  // the same pods of any namespace
  is_put_back(kNetworkPolicy, "demo-database", {{"spec", {{"ingress", ingress}}}}, "/spec/ingress");
}

TEST_F(Drift, AKeyAddedToTheSelectorOfAServiceGoes) {
  is_put_back(kService, "demo-backend", {{"spec", {{"selector", {{"team", "shop"}}}}}}, "/spec/selector");
}

TEST_F(Drift, AnEgressRuleAddedToTheDatabasesNetworkPolicyGoes) {
  server.patch(kNetworkPolicy, "demo-database", {{"spec", {{"egress", Json::array({Json::object()})}}}});
  EXPECT_TRUE(eventually([&] {
    const Json spec = server.get(kNetworkPolicy, "demo-database").at("spec");
    return !spec.contains("egress") || spec.at("egress").empty();
  })) << server.get(kNetworkPolicy, "demo-database").dump(2);
}

TEST_F(Drift, AValueOfTheConfigMapIsPutBack) {
  is_put_back(kConfigMap, "demo-backend", {{"data", {{"PROMPTSALES_HTTP_PORT", "1"}}}},
              "/data/PROMPTSALES_HTTP_PORT");
}

TEST_F(Drift, AValueTakenOutOfTheConfigMapIsPutBack) {
  is_put_back(kConfigMap, "demo-backend", {{"data", {{"PROMPTSALES_HTTP_PORT", nullptr}}}},
              "/data/PROMPTSALES_HTTP_PORT");
}

TEST_F(Drift, TheMaximumOfTheAutoscalerIsPutBack) {
  is_put_back(kHorizontalPodAutoscaler, "demo-backend", {{"spec", {{"maxReplicas", 50}}}},
              "/spec/maxReplicas");
}

TEST_F(Drift, TheDisruptionBudgetIsPutBack) {
  is_put_back(kPodDisruptionBudget, "demo-backend", {{"spec", {{"maxUnavailable", "100%"}}}},
              "/spec/maxUnavailable");
}

TEST_F(Drift, TheReplicasOfTheDatabaseArePutBack) {
  is_put_back(kStatefulSet, "demo-database", {{"spec", {{"replicas", 0}}}}, "/spec/replicas");
}

TEST_F(Drift, APasswordInABindingIsPutBack) {
  is_put_back(kSecret, "demo-database-binding", {{"data", {{"password", "Zm9yZ2Vk"}}}}, "/data/password");
}

TEST_F(Drift, ALabelTakenOffAChildOfEveryKindIsPutBack) {
  for (const auto& [child, name] : wanted("demo")) {
    if (child->retained && child->write == controllers::Child::Write::kCreateOnce)
      continue;  // never written again
    const auto uid = string_at(server.get(child->kind, name), {"metadata", "uid"});
    server.patch(child->kind, name,
                 {{"metadata", {{"labels", {{"app.kubernetes.io/managed-by", nullptr}}}}}});
    EXPECT_TRUE(eventually([&] {
      return string_at(server.get(child->kind, name),
                       {"metadata", "labels", "app.kubernetes.io/managed-by"}) == "promptsales-operator";
    })) << child->id
        << ": " << reason_of("demo") << ": " << message_of("demo");
    EXPECT_EQ(string_at(server.get(child->kind, name), {"metadata", "uid"}), uid) << child->id;
  }
}

// Nobody puts a label back on what nobody wants any more: whose it is, its owner reference says.
TEST_F(Drift, ALabelThatNamesAnotherResourceIsPutBack) {
  is_put_back(kNetworkPolicy, "demo-cache", {{"metadata", {{"labels", {{"promptsales.io/name", "other"}}}}}},
              "/metadata/labels/promptsales.io~1name");
}

TEST_F(Drift, AChildWithoutItsLabelGoesWhenItIsNotWantedAnyMore) {
  running->terminate();
  ASSERT_TRUE(running->wait());
  server.patch(kNetworkPolicy, "demo-cache",
               {{"metadata", {{"labels", {{"promptsales.io/name", nullptr}}}}}});
  change("demo", {{"networkPolicy", {{"enabled", false}}}});
  running = an_operator();
  EXPECT_TRUE(eventually([&] { return server.get(kNetworkPolicy, "demo-cache").is_null(); }))
      << server.get(kNetworkPolicy, "demo-cache").dump(2);
}

TEST_F(Drift, TheReplicasThatTheAutoscalerKeepsAreLeftAlone) {
  ASSERT_EQ(server.get(kDeployment, "demo-backend").at("spec").at("replicas"), 2);
  server.send({.method = "PATCH",
               .target = kDeployment.path(server.ns()) + "/demo-backend/scale",
               .body = R"({"spec":{"replicas":3}})",
               .content_type = "application/merge-patch+json"});
  // Another drift, so that it is known that the operator has looked.
  is_put_back(kConfigMap, "demo-backend", {{"data", {{"PROMPTSALES_HTTP_PORT", "1"}}}},
              "/data/PROMPTSALES_HTTP_PORT");
  is_put_back(kDeployment, "demo-backend", {{"spec", {{"revisionHistoryLimit", 7}}}},
              "/spec/revisionHistoryLimit");
  EXPECT_TRUE(throughout(
      500ms, [&] { return server.get(kDeployment, "demo-backend").at("spec").at("replicas") == 3; }));
}

TEST_F(Drift, WhatOthersAddBesideItStays) {
  server.patch(
      kDeployment, "demo-backend",
      {{"metadata", {{"annotations", {{"example.org/note", "mine"}}}, {"labels", {{"team", "shop"}}}}}});
  is_put_back(kDeployment, "demo-backend", {{"spec", {{"revisionHistoryLimit", 7}}}},
              "/spec/revisionHistoryLimit");
  const Json metadata = server.get(kDeployment, "demo-backend").at("metadata");
  EXPECT_EQ(metadata.at("annotations").at("example.org/note"), "mine");
  EXPECT_EQ(metadata.at("labels").at("team"), "shop");
}

}  // namespace
}  // namespace promptsales::testing
