// From a tier to a running backend: what a new PromptSales gets, and what it says of it.

#include <gmock/gmock.h>

#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;

class ANewPromptSales : public WithOperator {
 protected:
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(ANewPromptSales, GetsEveryChildOfTheList) {
  create("demo");
  ASSERT_TRUE(has_children("demo"));
  EXPECT_EQ(wanted("demo").size(),
            21);  // of an embedded database and cache, the certificates and the backend
  EXPECT_EQ(ours().size(), wanted("demo").size());
}

TEST_F(ANewPromptSales, OwnsItsChildrenButNotTheCredentialsOfItsData) {
  const auto uid = string_at(create("demo"), {"metadata", "uid"});
  ASSERT_TRUE(has_children("demo"));
  for (const auto& [child, name] : wanted("demo")) {
    const Json object = server.get(child->kind, name);
    const Json* owners = k8s::at_path(object, {"metadata", "ownerReferences"});
    if (child == &controllers::children::database_credentials) {
      EXPECT_EQ(owners, nullptr) << child->id;
      continue;
    }
    ASSERT_NE(owners, nullptr) << child->id;
    ASSERT_EQ(owners->size(), 1) << child->id;
    EXPECT_EQ(owners->at(0).at("uid"), uid) << child->id;
    EXPECT_EQ(owners->at(0).at("controller"), true) << child->id;
  }
}

TEST_F(ANewPromptSales, LabelsItsChildrenForPeopleAndForItself) {
  create("demo");
  ASSERT_TRUE(has_children("demo"));
  for (const auto& [child, name] : wanted("demo")) {
    const Json labels = server.get(child->kind, name).at("metadata").at("labels");
    EXPECT_EQ(labels.at("promptsales.io/name"), "demo") << child->id;
    EXPECT_EQ(labels.at("app.kubernetes.io/name"), "promptsales") << child->id;
    EXPECT_EQ(labels.at("app.kubernetes.io/part-of"), "promptsales") << child->id;
    EXPECT_EQ(labels.at("app.kubernetes.io/managed-by"), "promptsales-operator") << child->id;
    EXPECT_EQ(labels.at("app.kubernetes.io/component"), controllers::text_of(child->component)) << child->id;
    EXPECT_TRUE(name.starts_with("demo-")) << child->id;
  }
}

TEST_F(ANewPromptSales, IsPendingUntilItsWorkloadsServe) {
  create("demo");
  ASSERT_TRUE(has_children("demo"));
  EXPECT_TRUE(eventually([&] {
    return status_of("demo", "Ready") == "Unknown" && reason_of("demo") == "Pending";
  })) << read("demo").dump(2);
  EXPECT_TRUE(throughout(500ms, [&] { return status_of("demo", "Ready") != "True"; }));

  ASSERT_TRUE(become_ready("demo"));
  const Json status = read("demo").at("status");
  for (const char* part : {"DatabaseReady", "CacheReady", "BackendAvailable", "TLSReady"})
    EXPECT_EQ(status_of("demo", part), "True") << part;
  EXPECT_EQ(status.at("backend").at("readyReplicas"), 2);
  EXPECT_EQ(status.at("backend").at("url"), "https://demo-backend." + server.ns() + ".svc");
  EXPECT_EQ(status.at("bindings").size(), 2);
  EXPECT_TRUE(eventually([&] { return events("demo", "Ready").size() == 1; }));
}

// Whoever compares what is there with what was applied, as Argo CD and Flux do, finds no difference of ours.
TEST_F(ANewPromptSales, KeepsItsSpecAndWhoOwnsIt) {
  const Json applied{{"apiVersion", k8s::kinds::kPromptSales.api_version()},
                     {"kind", "PromptSales"},
                     {"metadata", {{"name", "demo"}}},
                     {"spec", {{"tier", "MVP"}}}};
  const Json before = server.apply(k8s::kinds::kPromptSales, applied);
  ASSERT_TRUE(become_ready("demo"));
  const Json after = read("demo");
  EXPECT_EQ(after.at("spec"), before.at("spec"));
  const auto owners_of_the_spec = [](const Json& object) {
    Json owners = object.at("metadata").at("managedFields");
    std::erase_if(owners.get_ref<Json::array_t&>(),
                  [](const Json& entry) { return !entry.at("fieldsV1").contains("f:spec"); });
    return owners;
  };
  EXPECT_EQ(owners_of_the_spec(after), owners_of_the_spec(before));
  EXPECT_EQ(owners_of_the_spec(after).size(), 1U);
}

TEST_F(ANewPromptSales, StopsBeingReadyWhenItsDatabaseDoes) {
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  server.client()
      .apply(k8s::kinds::kStatefulSet,
             {{"apiVersion", "apps/v1"},
              {"kind", "StatefulSet"},
              {"metadata", {{"name", "demo-database"}, {"namespace", server.ns()}}},
              {"status",
               {{"observedGeneration", 1},
                {"replicas", 1},
                {"readyReplicas", 0},
                {"availableReplicas", 0},
                {"currentRevision", "1"},
                {"updateRevision", "1"}}}},
             {.manager = "test-node", .subresource = "status"})
      .value();
  EXPECT_TRUE(eventually([&] { return status_of("demo", "Ready") == "False"; }));
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "False");
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
  EXPECT_THAT(message_of("demo"), HasSubstr("database"));
}

TEST_F(ANewPromptSales, SaysWhichGenerationItSpeaksOf) {
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(read("demo").at("status").at("observedGeneration"), 1);
  change("demo", {{"image", "registry.example/backend:2"}});
  ASSERT_TRUE(become_ready("demo"));
  const Json status = read("demo").at("status");
  EXPECT_EQ(status.at("observedGeneration"), 2);
  for (const auto& condition : status.at("conditions")) EXPECT_EQ(condition.at("observedGeneration"), 2);
}

TEST_F(ANewPromptSales, IsWarnedOfItsFootprintOnceForEachEdit) {
  create("demo", "{tier: MVP, backend: {autoscaling: {maxReplicas: 6}}}");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] { return events("demo", "FootprintExceeded").size() == 1; }));
  running->terminate();
  ASSERT_EQ(running->wait(), 0);
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  EXPECT_TRUE(throughout(1s, [&] { return events("demo", "FootprintExceeded").size() == 1; }));
  change("demo", {{"image", "registry.example/backend:2"}});
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] { return events("demo", "FootprintExceeded").size() == 2; }));
}

// The figure that issue 3 sets: as many requests as there are children, and two more. Events are news and not
// counted; watches are not requests for something.
TEST_F(ANewPromptSales, CostsNoMoreRequestsThanChildrenAndTwo) {
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  const auto requests = [&] {
    return writes(*running) + running->metric("rest_client_requests_total", {"method=\"get\""});
  };
  const auto before = requests();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_TRUE(eventually([&] {
    return events("demo", "Ready").size() == 1 && events("demo", "CertificateIssued").size() == 1;
  }));
  const auto needed = requests() - before - 2;  // the Events
  EXPECT_LE(needed, static_cast<double>(wanted("demo").size() + 2));
}

}  // namespace
}  // namespace promptsales::testing
