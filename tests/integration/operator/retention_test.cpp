// deletionPolicy: Delete has the data of embedded services go with the resource, by the cluster's real garbage
// collector. Nothing else ever does.

#include <gmock/gmock.h>

#include <algorithm>

#include "controllers/promptsales/postgres_version.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kClaim = "data-demo-database-0";
constexpr const char* kMessages = "data-demo-messaging-0";
constexpr const char* kLogin = "demo-database";
constexpr const char* kThrowaway = R"(
tier: MVP
database: {type: Embedded, deletionPolicy: Delete}
messaging: {type: Embedded, deletionPolicy: Delete}
)";

class DataThatMayGo : public WithOperator {
 protected:
  void begin(const std::string& spec) {
    create("demo", spec);
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
    make_claim("demo-database", kClaim);
    if (!server.get(kStatefulSet, "demo-messaging").is_null()) make_claim("demo-messaging", kMessages);
  }
  /// The claim that the StatefulSet would have made, where controllers for it run.
  void make_claim(const std::string& stateful_set, const std::string& name) {
    Json claim = server.get(kStatefulSet, stateful_set).at("spec").at("volumeClaimTemplates").at(0);
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    claim["metadata"]["name"] = name;
    claim.erase("status");
    server.apply(kPersistentVolumeClaim, claim);
  }
  /// UIDs of the resources that the object goes with.
  std::vector<std::string> owners(const k8s::Kind& kind, const std::string& name) {
    std::vector<std::string> uids;
    const Json object = server.get(kind, name);
    if (const Json* references = k8s::at_path(object, {"metadata", "ownerReferences"}))
      for (const Json& each : *references) uids.push_back(string_at(each, {"uid"}));
    return uids;
  }
  std::string uid() { return string_at(read("demo"), {"metadata", "uid"}); }
  bool goes(const k8s::Kind& kind, const std::string& name) {
    return owners(kind, name) == std::vector{uid()};
  }
  bool stays(const k8s::Kind& kind, const std::string& name) {
    return !server.get(kind, name).is_null() && owners(kind, name).empty();
  }
  bool all_go() { return goes(kPersistentVolumeClaim, kClaim) && goes(kSecret, kLogin); }
  bool all_stay() { return stays(kPersistentVolumeClaim, kClaim) && stays(kSecret, kLogin); }
  bool is_gone(const k8s::Kind& kind, const std::string& name) { return server.get(kind, name).is_null(); }
  /// The cluster's garbage collector learns of a new kind of owner every 30 s.
  static constexpr auto kCollected = 120s;

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(DataThatMayGo, GoesWithTheResourceAndIsToldOfBefore) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go() && goes(kPersistentVolumeClaim, kMessages); }));
  const auto told = [&](const std::string& what) {
    return std::ranges::any_of(events("demo", "DataGoesWithResource"), [&](const auto& note) {
      return note.contains(what) && note.contains("deletionPolicy is Delete");
    });
  };
  EXPECT_TRUE(eventually([&] { return told(kClaim) && told(kMessages) && told(kLogin); }));
  EXPECT_GE(running->metric("promptsales_child_writes_total", {"child=\"data\"", "write=\"entail\""}), 3);
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("which is deleted with this resource"));
  const auto written = settled();
  EXPECT_TRUE(throughout(1s, [&] { return versions() == written; })) << "nothing is written again";

  server.remove(kPromptSales, "demo");
  EXPECT_TRUE(eventually(
      [&] {
        return is_gone(kPersistentVolumeClaim, kClaim) && is_gone(kPersistentVolumeClaim, kMessages) &&
               is_gone(kSecret, kLogin);
      },
      kCollected));
  EXPECT_THAT(events(kClaim, "DataRetained"), IsEmpty());
}

TEST_F(DataThatMayGo, StaysByDefault) {
  begin("tier: MVP");
  EXPECT_TRUE(throughout(1s, [&] { return all_stay(); }));
}

TEST_F(DataThatMayGo, StaysWhenThePolicyIsTakenBackInTime) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go(); }));
  change("demo", {{"database", {{"deletionPolicy", "Retain"}}}});
  ASSERT_TRUE(eventually([&] { return all_stay(); }));
  EXPECT_TRUE(goes(kPersistentVolumeClaim, kMessages)) << "of the other nothing was said";
  EXPECT_TRUE(eventually([&] { return !events("demo", "DataRetained").empty(); }));
  server.remove(kPromptSales, "demo");
  ASSERT_TRUE(eventually([&] { return is_gone(kStatefulSet, "demo-database"); }, kCollected));
  EXPECT_TRUE(all_stay());
}

TEST_F(DataThatMayGo, StaysWhateverElseIsWrongWithTheSpec) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go(); }));
  change("demo", {{"suspend", true}, {"database", {{"deletionPolicy", nullptr}, {"storage", "1Mi"}}}});
  EXPECT_TRUE(eventually([&] { return all_stay(); }));
}

TEST_F(DataThatMayGo, StaysWhenAnotherTypeIsAskedFor) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go(); }));
  change("demo", {{"database",
                   {{"type", "Secret"}, {"deletionPolicy", nullptr}, {"secretRef", {{"name", "others"}}}}}});
  ASSERT_TRUE(eventually([&] { return all_stay(); }));
  server.remove(kPromptSales, "demo");
  ASSERT_TRUE(eventually([&] { return is_gone(kStatefulSet, "demo-database"); }, kCollected));
  EXPECT_TRUE(all_stay());
}

TEST_F(DataThatMayGo, StaysWhenItIsAskedForWhileSomebodyHoldsTheDeletion) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go(); }));
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", {"example.com/backup"}}}}});
  server.remove(kPromptSales, "demo");
  change("demo", {{"database", {{"deletionPolicy", "Retain"}}}});
  EXPECT_TRUE(eventually([&] { return all_stay(); }));
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_F(DataThatMayGo, IsNotBegunWithAgainByANewResourceOfTheName) {
  begin(kThrowaway);
  ASSERT_TRUE(eventually([&] { return all_go(); }));
  const std::string password = password_in(kLogin);
  // As a pod does that has not ended yet.
  server.patch(kPersistentVolumeClaim, kClaim, {{"metadata", {{"finalizers", {"example.com/in-use"}}}}});
  server.remove(kPromptSales, "demo");
  create("demo");
  ASSERT_TRUE(becomes("demo", "Deleting")) << read("demo").dump(2);
  ASSERT_TRUE(eventually([&] { return is_gone(kSecret, kLogin); }, kCollected));
  EXPECT_TRUE(throughout(1s, [&] { return is_gone(kSecret, kLogin); })) << "it waits for the claim";
  server.patch(kPersistentVolumeClaim, kClaim, {{"metadata", {{"finalizers", nullptr}}}});
  ASSERT_TRUE(eventually([&] { return become_ready("demo"); }, kCollected)) << read("demo").dump(2);
  EXPECT_NE(password_in(kLogin), password);
}

/// An operator that was told of two versions of Postgres.
class ADatabaseOfAVersion : public WithOperator {
 protected:
  std::unique_ptr<OperatorProcess> an_operator_with(const std::string& default_image) {
    auto environment = images();
    environment["RELATED_IMAGE_POSTGRES"] = default_image;
    environment["RELATED_IMAGE_POSTGRES_16"] = "registry.example/postgres:16";
    return std::make_unique<OperatorProcess>(arguments(), environment);
  }
  std::string image() {
    return string_at(
        server.get(kStatefulSet, "demo-database").at("/spec/template/spec/containers/0"_json_pointer),
        {"image"});
  }
  void make_claim(const std::string& version) {
    server.apply(
        kPersistentVolumeClaim,
        {{"apiVersion", "v1"},
         {"kind", "PersistentVolumeClaim"},
         {"metadata",
          {{"name", kClaim},
           {"labels",
            {{"promptsales.io/name", "demo"},
             {"app.kubernetes.io/managed-by", "promptsales-operator"},
             {controllers::kPostgresVersion, version}}}}},
         {"spec",
          {{"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "20Gi"}}}}}}}});
  }
};

TEST_F(ADatabaseOfAVersion, IsMadeAsTheSpecSaysAndStaysSoWhenTheDefaultChanges) {
  auto running = an_operator_with("registry.example/postgres:17");
  create("demo", "{tier: MVP, database: {type: Embedded, version: '16'}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(image(), "registry.example/postgres:16");
  const Json templates =
      server.get(kStatefulSet, "demo-database").at("/spec/volumeClaimTemplates"_json_pointer);
  EXPECT_EQ(string_at(templates.at(0), {"metadata", "labels", controllers::kPostgresVersion}), "16");
  make_claim("16");
  change("demo", {{"database", {{"version", nullptr}}}});
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(image(), "registry.example/postgres:16");
}

TEST_F(ADatabaseOfAVersion, IsNotStartedByAnotherOneAndSaysWhatToDo) {
  auto running = an_operator_with("registry.example/postgres:17");
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  make_claim("17");
  change("demo", {{"database", {{"type", "Embedded"}, {"version", "16"}}}});
  ASSERT_TRUE(eventually([&] { return reason_of("demo", "DatabaseReady") == "PostgresVersionDiffers"; }))
      << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_EQ(image(), "registry.example/postgres:17");
  change("demo", {{"database", {{"version", "17"}}}});
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(ADatabaseOfAVersion, IsNotMadeWhereThereIsNoImageOfIt) {
  auto running = an_operator_with("registry.example/postgres:17");
  create("demo", "{tier: MVP, database: {type: Embedded, version: '15'}}");
  ASSERT_TRUE(becomes("demo", "PostgresVersionMissing")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("there are images of 16, 17"));
  EXPECT_TRUE(server.get(kStatefulSet, "demo-database").is_null());
  change("demo", {{"database", {{"version", "16"}}}});
  EXPECT_TRUE(become_ready("demo"));
}

}  // namespace
}  // namespace promptsales::testing
