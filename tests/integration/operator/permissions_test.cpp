// An operator that may not do one thing does the rest, says what is missing, and heals when it is granted.

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/strings.hpp"
#include "controllers/promptsales/rbac.hpp"
#include "operator/client/config.hpp"
#include "tests/integration/support/certificate_objects.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

constexpr k8s::Kind kRole{"rbac.authorization.k8s.io", "v1", "Role", "roles"};
constexpr k8s::Kind kRoleBinding{"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"};

class Permissions : public WithOperator {
 protected:
  static constexpr const char* kAccount = "operator";

  ~Permissions() override { std::filesystem::remove(kubeconfig_); }

  /// The rules of manifests/rbac.yaml, and those for the Lease, which are in manifests/operator.yaml.
  static Json all_rules() {
    Json rules = to_json(YAML::LoadAll(controllers::rbac_manifest()).at(0)).at("rules");
    for (const auto& rule : lease_rules()) rules.push_back(rule);
    return rules;
  }
  static Json lease_rules() {
    for (const Json& document : read_repository_yaml("manifests/operator.yaml"))
      if (document.at("kind") == "Role") return document.at("rules");
    throw std::runtime_error("manifests/operator.yaml has no Role");
  }
  /// Those rules without some verbs on one resource.
  static Json rules_without(const std::string& resource, const std::vector<std::string>& verbs) {
    Json rules = Json::array();
    for (Json rule : all_rules()) {
      if (std::erase(rule["resources"].get_ref<Json::array_t&>(), Json(resource)) != 0) {
        Json part = rule;
        part["resources"] = Json::array({resource});
        for (const auto& verb : verbs) std::erase(part["verbs"].get_ref<Json::array_t&>(), Json(verb));
        if (!part["verbs"].empty()) rules.push_back(part);
      }
      if (!rule["resources"].empty()) rules.push_back(rule);
    }
    return rules;
  }
  /// Returns when the API server goes by it.
  void grant(Json rules) {
    const std::string mark = "mark-" + std::to_string(++granted_);
    rules.push_back({{"apiGroups", {"test.promptsales.io"}}, {"resources", {mark}}, {"verbs", {"get"}}});
    server.apply(kRole, {{"apiVersion", kRole.api_version()},
                         {"kind", "Role"},
                         {"metadata", {{"name", kAccount}}},
                         {"rules", rules}});
    server.apply(
        kRoleBinding,
        {{"apiVersion", kRoleBinding.api_version()},
         {"kind", "RoleBinding"},
         {"metadata", {{"name", kAccount}}},
         {"roleRef", {{"apiGroup", kRole.group}, {"kind", "Role"}, {"name", kAccount}}},
         {"subjects",
          Json::array({{{"kind", "ServiceAccount"}, {"name", kAccount}, {"namespace", server.ns()}}})}});
    ASSERT_TRUE(eventually([&] { return may_get(mark); }));
  }
  bool may_get(const std::string& resource) {
    const Json asked{{"apiVersion", "authorization.k8s.io/v1"},
                     {"kind", "SubjectAccessReview"},
                     {"spec",
                      {{"user", "system:serviceaccount:" + server.ns() + ":" + kAccount},
                       {"resourceAttributes",
                        {{"namespace", server.ns()},
                         {"verb", "get"},
                         {"group", "test.promptsales.io"},
                         {"resource", resource}}}}}};
    const auto answer = server.send({.method = "POST",
                                     .target = "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                                     .body = asked.dump(),
                                     .content_type = "application/json"});
    return Json::parse(answer.body).at("status").value("allowed", false);
  }
  /// An operator that is that service account, with what it was granted.
  std::unique_ptr<OperatorProcess> an_operator_of_the_account() {
    const Json file{
        {"apiVersion", "v1"},
        {"kind", "Config"},
        {"current-context", "it"},
        {"contexts", Json::array({{{"name", "it"}, {"context", {{"cluster", "it"}, {"user", "it"}}}}})},
        {"clusters", Json::array({{{"name", "it"},
                                   {"cluster",
                                    {{"server", config().server},
                                     {"certificate-authority-data", base64_encode(config().ca_pem)}}}}})},
        {"users",
         Json::array({{{"name", "it"}, {"user", {{"token", server.token_of_service_account(kAccount)}}}}})}};
    std::ofstream{kubeconfig_} << file.dump();
    return an_operator({"--kubeconfig", kubeconfig_});
  }

 private:
  const std::filesystem::path kubeconfig_ =
      std::filesystem::temp_directory_path() / ("operator-" + std::to_string(getpid()) + ".kubeconfig");
  int granted_ = 0;
};

TEST_F(Permissions, ThoseOfTheManifestAreEnough) {
  grant(all_rules());
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  change("demo", from_yaml("networkPolicy: {enabled: false}"));
  ASSERT_TRUE(eventually([&] { return server.get(kNetworkPolicy, "demo-cache").is_null(); }));
  ASSERT_TRUE(eventually([&] { return events("demo", "Ready").size() == 1; }));
  EXPECT_EQ(running->metric("rest_client_requests_total", {"code=\"403\""}), 0) << running->log();
}

TEST_F(Permissions, OneKindThatItMayNotSeeIsNamedAndTheOthersAreMade) {
  grant(rules_without("networkpolicies", {"get", "list", "watch", "create", "patch", "delete"}));
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Forbidden")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("networkpolicies"));
  EXPECT_THAT(message_of("demo"), HasSubstr("rbac.yaml"));
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null());
  EXPECT_FALSE(server.get(kStatefulSet, "demo-cache").is_null());
  const auto ready = running->get("/readyz");
  EXPECT_EQ(ready.status, 200) << "the resource itself is known: " << ready.body;
  EXPECT_THAT(ready.body, HasSubstr("networkpolicies.networking.k8s.io: forbidden"));

  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return !server.get(kNetworkPolicy, "demo-cache").is_null(); }))
      << running->get("/readyz").body;
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(Permissions, OneKindThatItMayNotWriteIsNamedAndTheOthersAreMade) {
  grant(rules_without("services", {"create", "patch"}));
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Forbidden")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("services"));
  EXPECT_THAT(message_of("demo"), HasSubstr("rbac.yaml"));
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null());

  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return !server.get(kService, "demo-backend").is_null(); }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(Permissions, AnAutoscalerThatItMayNotWriteKeepsReadyFromBeingTrue) {
  grant(rules_without("horizontalpodautoscalers", {"create", "patch"}));
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Forbidden")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("horizontalpodautoscalers"));
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null());

  grant(all_rules());
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(Permissions, DataThatIsToStayIsLetGoOfWhenThatIsGrantedAlthoughTheResourceIsGoing) {
  grant(all_rules());
  const auto running = an_operator_of_the_account();
  create("demo", R"({tier: MVP, database: {type: Embedded, deletionPolicy: Delete},
                    messaging: {type: Embedded, deletionPolicy: Delete}})");
  const auto owners_of = [&](const k8s::Kind& kind, const char* name) {
    return server.get(kind, name).at("metadata").value("ownerReferences", Json::array()).size();
  };
  const auto owners = [&] { return owners_of(kSecret, "demo-database"); };
  const auto owners_of_messages = [&] { return owners_of(kPersistentVolumeClaim, "data-demo-messaging-0"); };
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  Json claim = server.get(kStatefulSet, "demo-messaging").at("spec").at("volumeClaimTemplates").at(0);
  claim.update({{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}});
  claim["metadata"]["name"] = "data-demo-messaging-0";
  claim.erase("status");
  server.apply(kPersistentVolumeClaim, claim);
  ASSERT_TRUE(eventually([&] { return owners() == 1 && owners_of_messages() == 1; }));
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", {"example.com/backup"}}}}});
  grant(rules_without("secrets", {"patch"}));
  server.remove(kPromptSales, "demo");
  change("demo", from_yaml("{database: {deletionPolicy: Retain}, messaging: {deletionPolicy: Retain}}"));
  ASSERT_TRUE(eventually([&] { return message_of("demo").find("is not settled yet") != std::string::npos; }))
      << read("demo").dump(2);
  EXPECT_TRUE(eventually([&] { return owners_of_messages() == 0; })) << "the other does not wait for it";
  EXPECT_EQ(owners(), 1);

  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return owners() == 0; })) << read("demo").dump(2);
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_F(Permissions, ACertificateThatCannotBeReadIsReadWhenThatIsGranted) {
  grant(all_rules());
  const auto running = an_operator_of_the_account();
  const auto ca = a_ca(server.clock().wall());
  const auto provide_another = [&] {
    const auto pair = entries_of(a_leaf(ca, server.clock().wall(), {"demo-backend." + server.ns() + ".svc"}));
    server.apply(kSecret, a_tls_secret("cert", pair));
    return pair;
  };
  const auto in_use = [&] { return entries_in(server.get(kSecret, "demo-tls")); };
  const auto first = provide_another();
  create("demo", "{tier: MVP, tls: {type: Secret, secretRef: {name: cert}}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_EQ(in_use().at("tls.crt"), first.at("tls.crt"));
  grant(rules_without("secrets", {"get"}));
  const auto second = provide_another();
  ASSERT_TRUE(eventually([&] { return reason_of("demo", "TLSReady") == "Forbidden"; }))
      << read("demo").dump(2);

  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return in_use().at("tls.crt") == second.at("tls.crt"); }))
      << read("demo").dump(2);
}

TEST_F(Permissions, WhatMayNotBeDeletedGoesWhenThatIsGrantedAlthoughSomethingElseIsWaitedFor) {
  grant(rules_without("networkpolicies", {"delete"}));
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  // A Secret that is not there is waited for, as long as it takes.
  change("demo", from_yaml("{networkPolicy: {enabled: false}, "
                           "messaging: {type: Secret, secretRef: {name: nobody-makes-it}}}"));
  ASSERT_TRUE(eventually([&] {
    return running->metric("rest_client_requests_total", {"code=\"403\""}) > 0 &&
           reason_of("demo", "MessagingReady") == "SecretMissing";
  })) << read("demo").dump(2);

  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return server.get(kNetworkPolicy, "demo-cache").is_null(); }))
      << read("demo").dump(2);
}

TEST_F(Permissions, WithoutSecretsNoPasswordIsMade) {
  grant(rules_without("secrets", {"get", "list", "watch"}));
  const auto running = an_operator_of_the_account();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Forbidden")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("secrets"));
  EXPECT_TRUE(server.get(kSecret, "demo-database").is_null());
}

TEST_F(Permissions, WithoutTheLeaseItSaysWhereItsRulesAre) {
  grant(rules_without("leases", {"get", "watch", "create", "update"}));
  const auto running = an_operator_of_the_account();
  ASSERT_TRUE(
      eventually([&] { return running->get("/readyz").body.find("cannot lead") != std::string::npos; }));
  const auto ready = running->get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("grant it with manifests/operator.yaml"));
  grant(all_rules());
  EXPECT_TRUE(eventually([&] { return running->leading(); }));
}

TEST_F(Permissions, WithNoneAtAllItSaysSoAndStaysUp) {
  grant(Json::array());
  const auto running = an_operator_of_the_account();
  ASSERT_TRUE(eventually([&] {
    return running->get("/readyz").body.find("promptsales.promptsales.io: forbidden") != std::string::npos;
  }));
  const auto ready = running->get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("grant it with manifests/rbac.yaml"));
  EXPECT_EQ(running->get("/healthz").status, 200);
  EXPECT_TRUE(running->running());
}

}  // namespace
}  // namespace promptsales::testing
