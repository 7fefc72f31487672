// The CRD as a real API server takes it: what it accepts, shows and keeps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "controllers/promptsales/tiers.hpp"
#include "tests/integration/support/api_server.hpp"
#include "tests/integration/support/promptsales_api.hpp"
#include "tests/support/repository.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using controllers::effective;
using controllers::to_status;
using Effect = PromptSalesApi::Effect;
using k8s::Json;
using ::testing::ElementsAre;

class PromptSalesOnARealServer : public ::testing::Test {
 protected:
  std::string create(const std::string& name, const std::string& spec) {
    const auto answer = api.create(resource(server.ns(), name, from_yaml(spec)), Effect::kReal);
    EXPECT_EQ(answer.status, 201) << message_of(answer);
    return name;
  }
  HttpResponse change(const std::string& name, const std::string& spec) {
    return api.replace(resource(server.ns(), name, from_yaml(spec)), Effect::kDryRun);
  }
  Json read(const std::string& name) { return body_of(api.get(server.ns(), name)); }

  ApiServer server;
  PromptSalesApi api;
};

TEST_F(PromptSalesOnARealServer, HasAStructuralSchema) {
  const auto definition = api.definition();
  for (const auto& condition : definition.at("status").at("conditions"))
    EXPECT_FALSE(condition.at("type") == "NonStructuralSchema" && condition.at("status") == "True")
        << condition.at("message");
}

TEST_F(PromptSalesOnARealServer, AcceptsEverySample) {
  const auto folder = std::filesystem::path{repository_path("manifests/samples")};
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    if (file.path().extension() != ".yaml") continue;
    for (auto document : read_repository_yaml("manifests/samples/" + file.path().filename().string())) {
      if (document.value("kind", "") != "PromptSales") continue;
      document["metadata"]["namespace"] = server.ns();
      const auto answer = api.create(document, Effect::kDryRun);
      EXPECT_EQ(answer.status, 201) << file.path().filename() << ": " << message_of(answer);
    }
  }
}

// kstatus takes a resource without a Ready condition for finished, and Helm, Flux and `kubectl wait` go by
// it.
TEST_F(PromptSalesOnARealServer, IsInProgressUntilTheOperatorHasLooked) {
  const auto fresh = read(create("fresh", "tier: MVP"));
  EXPECT_NE(fresh.at("status").at("observedGeneration"), fresh.at("metadata").at("generation"));
  const auto ready = fresh.at("status").at("conditions").at(0);
  EXPECT_EQ(ready.at("type"), "Ready");
  EXPECT_EQ(ready.at("status"), "Unknown");
  EXPECT_EQ(ready.at("reason"), "Pending");
}

TEST_F(PromptSalesOnARealServer, LeavesTheSpecAsItWasWritten) {
  EXPECT_EQ(read(create("plain", "tier: MVP")).at("spec"), from_yaml("tier: MVP"));
}

TEST_F(PromptSalesOnARealServer, KeepsTheWholeStatusOfTheOperator) {
  create("whole", "tier: Growth");
  const auto app = controllers::from_object(read("whole"));
  ASSERT_TRUE(app) << app.error().message;
  Json status = from_yaml(R"(
observedGeneration: 1
conditions: [{type: Ready, status: "False", reason: Progressing, message: m, lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1}]
backend: {replicas: 3, readyReplicas: 2, image: i, url: "http://whole-backend.shop"}
bindings: [{name: database, secretName: whole-database-binding, hash: "sha256:0"}]
tls: {notAfter: "2027-01-01T00:00:00Z", caGeneration: 1, phase: Stable}
transition: {from: MVP, to: Growth, step: Roll, startedAt: "2026-01-01T00:00:00Z", blockedBy: a window}
lastRollout: {reason: ImageChanged, message: m, image: i, startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:00Z", outcome: Succeeded}
pending: [{name: resize, reason: Window, message: m, notBefore: "2026-01-01T00:00:00Z"}]
cost: {currency: USD, monthlyMin: "500", monthlyMax: "800"}
)");
  status["effective"] = to_status(effective(*app, "backend"));
  auto object = resource(server.ns(), "whole", Json{});
  object["status"] = status;
  const auto answer = api.apply_status(object);
  ASSERT_EQ(answer.status, 200) << message_of(answer);
  EXPECT_EQ(read("whole").at("status"), status) << "a part that the schema does not have was dropped";
}

TEST_F(PromptSalesOnARealServer, ShowsWhatAPersonLooksFor) {
  create("shown", "tier: MVP");
  const auto table =
      body_of(api.list(server.ns(), "limit=1", "application/json;as=Table;v=v1;g=meta.k8s.io"));
  std::vector<std::string> narrow;
  std::vector<std::string> wide;
  for (const auto& column : table.at("columnDefinitions"))
    (column.at("priority") == 0 ? narrow : wide).push_back(column.at("name"));
  EXPECT_THAT(narrow, ElementsAre("Name", "Tier", "Ready", "Reason", "Replicas", "Age"));
  EXPECT_THAT(wide, ElementsAre("Database", "Cache", "Cert-Expires", "URL"));
}

TEST_F(PromptSalesOnARealServer, IsFoundByItsTier) {
  create("small", "tier: MVP");
  create("big", "tier: Growth");
  const auto found = body_of(api.list(server.ns(), "fieldSelector=spec.tier%3DGrowth", "application/json"));
  ASSERT_EQ(found.at("items").size(), 1U);
  EXPECT_EQ(found.at("items")[0].at("metadata").at("name"), "big");
}

TEST_F(PromptSalesOnARealServer, CannotBeScaledBehindTheBackOfItsSpec) {
  EXPECT_FALSE(api.definition().at("spec").at("versions").at(0).at("subresources").contains("scale"));
}

TEST_F(PromptSalesOnARealServer, AllowsTheChangesThatLoseNothing) {
  create("app", "{tier: MVP, database: {type: Embedded, storage: 20Gi, storageClassName: fast}}");
  for (const auto* spec :
       {"{tier: Growth, database: {type: Embedded, storage: 20Gi, storageClassName: fast}}",
        "{tier: MVP, database: {type: Embedded, storage: 30Gi, storageClassName: fast}}",
        "{tier: MVP, database: {type: Embedded, storage: 20480Mi, storageClassName: fast}}",
        "{tier: MVP, database: {type: Secret, secretRef: {name: db}}}",
        "{tier: Scale, database: {type: CloudNativePG}, cache: {type: Secret, secretRef: {name: c}}}"})
    EXPECT_EQ(change("app", spec).status, 200) << message_of(change("app", spec));

  create("shared", "{tier: MVP, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: x}}}}");
  for (const auto* spec :
       {"{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: x}}}}",
        "{tier: MVP, database: {type: Secret, secretRef: {name: db}}}"})
    EXPECT_EQ(change("shared", spec).status, 200) << message_of(change("shared", spec));

  create("grown", "tier: Growth");
  for (const auto* spec :
       {"tier: MVP", "{tier: MVP, database: {type: Embedded, storage: 500Gi}}", "tier: MVP"})
    EXPECT_EQ(change("grown", spec).status, 200) << message_of(change("grown", spec));
}

TEST_F(PromptSalesOnARealServer, TakesTheLongestName) {
  const std::string longest(40, 'a');
  EXPECT_EQ(api.create(resource(server.ns(), longest, from_yaml("tier: MVP")), Effect::kDryRun).status, 201);
}

}  // namespace
}  // namespace promptsales::testing
