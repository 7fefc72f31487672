#include "controllers/promptsales/types.hpp"

#include <gtest/gtest.h>

#include "controllers/promptsales/codec.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::from_yaml;

k8s::Json resource(const std::string& spec) {
  return {{"metadata", {{"name", "demo"}, {"namespace", "shop"}}}, {"spec", from_yaml(spec)}};
}

TEST(PromptSalesResource, KeepsItsIdentity) {
  auto object = resource("{tier: MVP}");
  object["metadata"]["uid"] = "abc";
  object["metadata"]["resourceVersion"] = "42";
  object["metadata"]["generation"] = 7;
  object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  object["status"] = {{"observedGeneration", 6}};
  const auto app = from_object(object);
  ASSERT_TRUE(app) << app.error().message;
  EXPECT_EQ(app->key.str(), "shop/demo");
  EXPECT_EQ(app->uid, "abc");
  EXPECT_EQ(app->resource_version, "42");
  EXPECT_EQ(app->generation, 7);
  EXPECT_TRUE(app->deleting);
  EXPECT_EQ(app->status.at("observedGeneration"), 6);
}

TEST(PromptSalesResource, LeavesUnsetWhatIsUnset) {
  const auto spec = a_promptsales("tier: MVP").spec;
  EXPECT_EQ(spec.tier, Tier::kMvp);
  EXPECT_FALSE(spec.suspend);
  EXPECT_FALSE(spec.image);
  EXPECT_FALSE(spec.backend);
  EXPECT_FALSE(spec.database);
  EXPECT_TRUE(spec.maintenance_windows.empty());
}

TEST(PromptSalesResource, TakesNullForUnset) {
  EXPECT_FALSE(a_promptsales("{tier: MVP, image: null, backend: null}").spec.backend);
}

TEST(PromptSalesResource, TakesANumberForAnAmount) {
  const auto spec = a_promptsales("{tier: MVP, backend: {resources: {requests: {cpu: 2}}}}").spec;
  EXPECT_EQ(spec.backend->resources->requests.at("cpu").text, "2");
}

TEST(PromptSalesResource, PassesOverFieldsOfANewerVersion) {
  EXPECT_EQ(a_promptsales("{tier: Growth, colour: green}").spec.tier, Tier::kGrowth);
}

TEST(PromptSalesResource, IsWrittenAsItWasRead) {
  const auto whole = from_yaml(R"(
tier: Growth
suspend: true
image: ghcr.io/acme/backend:1
backend:
  resources: {requests: {cpu: 500m}, limits: {memory: 1Gi}}
  autoscaling: {type: HPA, minReplicas: 3, maxReplicas: 9, targetCPUUtilization: 70}
  env:
  - {name: A, value: ""}
  - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}
database: {type: ACK, ack: {region: eu-central-1, vpcSecurityGroupIDs: [sg-1]}, readReplicas: 2}
cache: {type: Secret, secretRef: {name: cache, keys: {host: HOST}}}
messaging: {type: Embedded, storage: 10Gi}
tls: {type: CertManager, issuerRef: {name: letsencrypt, kind: ClusterIssuer}, dnsNames: [api.example.com]}
exposure: {type: Gateway, hostnames: [api.example.com], gateway: {parentRefs: [{name: public, namespace: infra}]}}
auth: {oidc: {issuerURL: "https://login.example.com/", audience: api}}
maintenanceWindows: [{schedule: "0 3 * * SUN", duration: 2h}]
secretRotation: {strategy: HotReload}
observability: {monitorLabels: {release: prometheus}, slo: {emit: Pyrra, availability: "99.9"}}
networkPolicy: {enabled: false}
)");
  const auto spec = decode<Spec>(whole, "spec");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(encode(*spec), whole);
}

struct BadCase {
  std::string name;
  std::string spec;
  std::string says;
};

void PrintTo(const BadCase& row, std::ostream* out) { *out << row.spec; }

class UnreadableSpec : public ::testing::TestWithParam<BadCase> {};

TEST_P(UnreadableSpec, IsRefusedWithTheFieldAndWhatItMustBe) {
  const auto app = from_object(resource(GetParam().spec));
  ASSERT_FALSE(app);
  EXPECT_EQ(app.error().remedy, Remedy::kWaitForSpecChange);
  EXPECT_EQ(app.error().reason, "InvalidSpec");
  EXPECT_EQ(app.error().message, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, UnreadableSpec,
    ::testing::Values(
        BadCase{"NoTier", "{}", "spec.tier is missing: set it"},
        BadCase{"NullTier", "{tier: null}", "spec.tier is missing: set it"},
        BadCase{"UnknownTier", "{tier: Huge}",
                R"(spec.tier must be one of MVP, Growth, Scale, but it is "Huge")"},
        BadCase{"NumberForText", "{tier: MVP, image: 3}", "spec.image must be text, but it is a number"},
        BadCase{"TextForSwitch", "{tier: MVP, suspend: 'yes'}",
                "spec.suspend must be true or false, but it is text"},
        BadCase{"FractionForCount", "{tier: MVP, backend: {autoscaling: {minReplicas: 1.5}}}",
                "spec.backend.autoscaling.minReplicas must be a whole number, but it is a fraction"},
        BadCase{"CountTooLarge", "{tier: MVP, backend: {autoscaling: {minReplicas: 9999999999999999999}}}",
                "spec.backend.autoscaling.minReplicas is too large"},
        BadCase{"ObjectForList", "{tier: MVP, backend: {env: {}}}",
                "spec.backend.env must be a list, but it is an object"},
        BadCase{"SecondItem", "{tier: MVP, backend: {env: [{name: A}, {value: b}]}}",
                "spec.backend.env[1].name is missing: set it"},
        BadCase{
            "KeyWithADot", "{tier: MVP, backend: {resources: {limits: {nvidia.com/gpu: []}}}}",
            R"(spec.backend.resources.limits[nvidia.com/gpu] must be a quantity such as "500m" or "2Gi", )"
            "but it is a list"},
        BadCase{"TextForObject", "{tier: MVP, database: Embedded}",
                "spec.database must be an object, but it is text"}),
    [](const auto& info) { return info.param.name; });

TEST(PromptSalesResource, IsRefusedWithoutThrowingWhateverTheDocument) {
  for (const auto* text :
       {"null", "[]", "3", "{}", R"({"spec":null})", R"({"spec":[]})", R"({"spec":{"tier":{}}})",
        R"({"spec":{"tier":"MVP"}})", R"({"metadata":3,"spec":{"tier":"MVP"}})"})
    EXPECT_FALSE(from_object(k8s::Json::parse(text))) << text;
}

TEST(PromptSalesResource, NeverQuotesWhatMayBeASecret) {
  const auto app = from_object(resource("{tier: MVP, backend: {env: [{name: A, value: {x: hunter2}}]}}"));
  ASSERT_FALSE(app);
  EXPECT_EQ(app.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace promptsales::controllers
