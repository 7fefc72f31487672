// What the operator sends is spelled as the server keeps it. Only then does a new operator process find its
// children as they should be, and write nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "controllers/promptsales/optional_kinds.hpp"
#include "operator/k8s/compare.hpp"
#include "tests/integration/support/api_server.hpp"
#include "tests/integration/support/promptsales_api.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::testing {
namespace {

using controllers::Child;
using k8s::Json;
using k8s::Object;

/// The child with this name in children.def.
const Child& child_of(const std::string& id) {
  for (const Child* child : controllers::all_children())
    if (child->id == id) return *child;
  throw std::runtime_error("children.def has no " + id);
}

class ChildOnARealServer : public ::testing::Test {
 protected:
  /// The object that applying this one would make; nothing is kept.
  Object applied_dry(const Child& child, const Object& object) {
    const auto answer = server.send(
        {.method = "PATCH",
         .target = child.kind.path(server.ns()) + "/" + k8s::string_at(object, {"metadata", "name"}) +
                   "?fieldManager=test&force=true&dryRun=All&fieldValidation=Strict",
         .body = object.dump(),
         .content_type = "application/apply-patch+yaml"});
    return Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  }

  void expect_normal(const std::string& id, Object object) {
    object["metadata"]["namespace"] = server.ns();
    const Object kept = applied_dry(child_of(id), object);
    EXPECT_TRUE(k8s::covers(kept, object)) << id << " is sent as\n"
                                           << object.dump(2) << "\nand kept as\n"
                                           << kept.dump(2);
  }

  ApiServer server;
};

TEST_F(ChildOnARealServer, IsKeptAsEveryGoldenFileSaysIt) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{repository_path("tests/golden/children")}) {
    if (entry.path().extension() != ".json") continue;
    // What a provider keeps of its kinds is asked of their definitions (operator/providers_test.cpp).
    if (controllers::is_optional(child_of(entry.path().stem()).kind)) continue;
    const auto path = std::filesystem::relative(entry.path(), repository_path("."));
    expect_normal(entry.path().stem(), Json::parse(read_repository_file(path)));
    ++files;
  }
  EXPECT_GE(files, 50) << "the golden files are not where this test looks for them";
}

class SpecOnARealServer : public ChildOnARealServer, public ::testing::WithParamInterface<std::string> {};

TEST_P(SpecOnARealServer, MakesChildrenThatAreKeptAsTheyAreSent) {
  for (const auto& [id, object] : objects_of(inputs_of(GetParam()))) expect_normal(id, object);
}

// What people write in spellings that the server does not keep.
INSTANTIATE_TEST_SUITE_P(
    Spellings, SpecOnARealServer,
    ::testing::Values(
        "{tier: MVP, backend: {resources: {requests: {cpu: '0.5', memory: 1.5Gi}, limits: {memory: "
        "2048Mi}}}}",
        "{tier: MVP, backend: {resources: {requests: {cpu: 1000m, memory: 1073741824}, limits: {cpu: 2}}}}",
        "{tier: MVP, database: {type: Embedded, storage: 1.5Ti, storageClassName: fast}, "
        "cache: {type: Embedded, resources: {requests: {cpu: 1500m}, limits: {memory: 0.5Gi}}}}",
        "{tier: MVP, backend: {env: [{name: PLAIN, value: b}, {name: EMPTY, value: ''}, {name: NEITHER}, "
        "{name: "
        "SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: MAP, valueFrom: {configMapKeyRef: "
        "{name: c, "
        "key: k}}}]}}",
        "{tier: MVP, backend: {autoscaling: {type: None, minReplicas: 1}}, networkPolicy: {enabled: false}}",
        "{tier: Growth, backend: {autoscaling: {minReplicas: 1, maxReplicas: 20, targetCPUUtilization: "
        "100}}}"));

/// The pods of all workloads as somebody could create them.
std::map<std::string, Object> pods_of(const std::string& spec) {
  std::map<std::string, Object> pods;
  for (const auto& [id, object] : objects_of(inputs_of(spec))) {
    const Json* pod = k8s::at_path(object, {"spec", "template"});
    if (!pod) continue;
    pods[id] = *pod;
    pods[id]["apiVersion"] = "v1";
    pods[id]["kind"] = "Pod";
    for (const Json& claim : object.at("spec").value("volumeClaimTemplates", Json::array())) {
      const std::string name = claim.at("metadata").at("name");
      pods[id]["spec"]["volumes"].push_back(
          {{"name", name}, {"persistentVolumeClaim", {{"claimName", name}}}});
    }
  }
  return pods;
}

TEST_F(ChildOnARealServer, HasPodsThatRestrictedPodSecurityAdmits) {
  server.apply(k8s::kinds::kServiceAccount,
               {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "demo-backend"}}}});
  server.send({.method = "PATCH",
               .target = "/api/v1/namespaces/" + server.ns() + "?fieldManager=test",
               .body = R"({"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}})",
               .content_type = "application/merge-patch+json"});
  for (const auto& [id, template_] : pods_of("tier: MVP")) {
    Object pod = template_;
    pod["metadata"]["name"] = "probe";
    pod["spec"]["serviceAccountName"] = "demo-backend";
    const auto answer = server.send(
        {.method = "POST",
         .target = "/api/v1/namespaces/" + server.ns() + "/pods?dryRun=All&fieldValidation=Strict",
         .body = pod.dump(),
         .content_type = "application/json"});
    EXPECT_EQ(answer.status, 201) << id;
  }
}

// The writer compares the status with what it read: were it kept in another order or form, every pass would
// write it again.
TEST(StatusOnARealServer, IsKeptAsItIsSentWhateverCameBefore) {
  ApiServer server;
  PromptSalesApi api;
  const auto made =
      api.create(resource(server.ns(), "demo", from_yaml("tier: MVP")), PromptSalesApi::Effect::kReal);
  ASSERT_EQ(made.status, 201) << message_of(made);
  const auto suspended = [] { return APass{}.stopped_by(Remedy::kWaitForSpecChange, "Suspended"); };
  const auto invalid = [] { return APass{}.stopped_by(Remedy::kWaitForSpecChange, "InvalidSpec"); };
  const std::vector<APass> passes{APass{"tier: MVP", {{"database_server", progressing("Starting")}}},
                                  APass{"tier: MVP", {{"backend_deployment", failed("CrashLoop")}}},
                                  APass{},
                                  invalid(),
                                  suspended(),
                                  APass{"{tier: Growth, backend: {autoscaling: {type: None}}}"},
                                  APass{"tier: MVP", {{"backend_autoscaler", progressing("FailedGetScale")}}},
                                  invalid()};
  Json before = body_of(made).at("status");
  for (APass pass : passes) {
    Json sent = resource(server.ns(), "demo", nullptr);
    sent["status"] = pass.after(before).status();
    const auto answer = api.apply_status(sent);
    ASSERT_EQ(answer.status, 200) << message_of(answer);
    EXPECT_EQ(body_of(answer).at("status"), sent.at("status"));
    before = body_of(answer).at("status");
  }
}

}  // namespace
}  // namespace promptsales::testing
