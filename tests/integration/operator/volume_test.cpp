// A database volume that is to grow: the API server lets no StatefulSet have another claim template, and the
// rest of the spec must not wait for that.

#include <gmock/gmock.h>

#include "controllers/promptsales/bindings/entries.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

constexpr k8s::Kind kStorageClass{"storage.k8s.io", "v1", "StorageClass", "storageclasses",
                                  /*namespaced=*/false};

class AVolume : public WithOperator {
 protected:
  static constexpr const char* kClaim = "data-demo-database-0";

  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
  }
  void TearDown() override { (void)server.client().remove(kStorageClass, {"", expandable()}, {}); }
  [[nodiscard]] std::string expandable() const { return server.ns(); }

  /// What the StatefulSet's controller and a provider of volumes would do. `size`: what the claim asks for.
  void provide(const std::string& size, const std::string& storage_class = "",
               const std::string& server_name = "demo-database") {
    const Json stateful_set = server.get(kStatefulSet, server_name);
    Json claim = stateful_set.at("spec").at("volumeClaimTemplates").at(0);
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    claim["metadata"]["name"] = "data-" + server_name + "-0";
    claim["spec"]["resources"]["requests"]["storage"] = size;
    if (!storage_class.empty()) claim["spec"]["storageClassName"] = storage_class;
    claim.erase("status");
    server.apply(kPersistentVolumeClaim, claim);
    has_room(size, "data-" + server_name + "-0");
  }
  void has_room(const std::string& size, const std::string& claim = kClaim) {
    const Json status{{"phase", "Bound"}, {"capacity", {{"storage", size}}}};
    const Json bound{{"apiVersion", "v1"},
                     {"kind", "PersistentVolumeClaim"},
                     {"metadata", {{"name", claim}, {"namespace", server.ns()}}},
                     {"status", status}};
    const auto answer = server.client().apply(kPersistentVolumeClaim, bound,
                                              {.manager = "test-provider", .subresource = "status"});
    ASSERT_TRUE(answer) << answer.error().message;
  }
  void make_an_expandable_class() {
    const auto made = server.client().create(kStorageClass,
                                             {{"apiVersion", "storage.k8s.io/v1"},
                                              {"kind", "StorageClass"},
                                              {"metadata", {{"name", expandable()}}},
                                              {"provisioner", "example.com/none"},
                                              {"allowVolumeExpansion", true}},
                                             "test");
    ASSERT_TRUE(made) << made.error().message;
  }
  bool asks_for(const char* size, const std::string& name = kClaim) {
    return eventually([&] {
      const Json claim = server.get(kPersistentVolumeClaim, name);
      return claim.at("spec").at("resources").at("requests").at("storage") == size;
    });
  }
  /// The database's memory, which a higher tier raises.
  bool has_memory(const char* amount) {
    const Json::json_pointer memory{"/spec/template/spec/containers/0/resources/requests/memory"};
    return server.get(kStatefulSet, "demo-database").at(memory) == amount;
  }
  Json claim_template() {
    return server.get(kStatefulSet, "demo-database").at("spec").at("volumeClaimTemplates");
  }
  /// Serves, as an autoscaler and the workloads' controllers would, until the resource says this.
  bool comes_to(const std::string& ready_reason) {
    return eventually([&] {
      serve_workloads("demo");
      return reason_of("demo") == ready_reason;
    });
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(AVolume, GrowsWithTheSpecWhereItsClassAllowsIt) {
  make_an_expandable_class();
  provide("20Gi", expandable());
  const Json before = claim_template();
  change("demo", from_yaml("database: {type: Embedded, storage: 30Gi}"));
  EXPECT_TRUE(asks_for("30Gi")) << message_of("demo");
  ASSERT_TRUE(comes_to("VolumeGrowing")) << reason_of("demo");
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "False");
  EXPECT_EQ(status_of("demo", "BackendAvailable"), "True");
  EXPECT_EQ(running->metric("promptsales_child_writes_total", {"write=\"resize\""}), 1);
  EXPECT_THAT(running->log(), HasSubstr("data-demo-database-0 to 30Gi"));

  has_room("30Gi");
  EXPECT_TRUE(become_ready("demo")) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_EQ(claim_template(), before) << "which no API server lets change";
}

TEST_F(AVolume, ThatCannotGrowIsSaidAndKeepsNothingElseFromComing) {
  provide("20Gi");
  change("demo", from_yaml("tier: Growth"));
  EXPECT_TRUE(comes_to("VolumeNotExpandable")) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_TRUE(eventually([&] {
    comes_to("VolumeNotExpandable");
    return has_memory("16Gi");
  }));
  EXPECT_TRUE(eventually([&] {
    serve_workloads("demo");
    return !read("demo").at("status").contains("transition");
  })) << read("demo").at("status").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("set spec.database.storage to 20Gi"));

  change("demo", from_yaml("database: {type: Embedded, storage: 20Gi}"));
  EXPECT_TRUE(become_ready("demo")) << reason_of("demo") << ": " << message_of("demo");
}

TEST_F(AVolume, ThatIsLargerThanTheSpecSaysIsLeftAsItIs) {
  provide("50Gi");
  EXPECT_TRUE(become_ready("demo")) << "what the spec does not name may be larger";
  EXPECT_TRUE(eventually(
      [&] { return read("demo").at("status").at("effective").at("database").at("storage") == "50Gi"; }));
  change("demo", from_yaml("database: {type: Embedded, storage: 30Gi}"));
  ASSERT_TRUE(comes_to("VolumeCannotShrink")) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_TRUE(asks_for("50Gi"));
  change("demo", from_yaml("database: {storage: 50Gi}"));
  EXPECT_TRUE(become_ready("demo")) << reason_of("demo") << ": " << message_of("demo");
}

TEST_F(AVolume, OfMessagingGrowsAndItsStreamsGetTheRoomWhenItIsThere) {
  change("demo", from_yaml("messaging: {type: Embedded, storage: 2Gi}"));
  ASSERT_TRUE(become_ready("demo")) << message_of("demo");
  make_an_expandable_class();
  provide("2Gi", expandable(), "demo-messaging");
  const auto streams = [&] {
    return controllers::bindings::entries_in(server.get(kSecret, "demo-messaging")).at("nats.conf");
  };
  const auto revision = [&] {
    return server.get(kStatefulSet, "demo-messaging").at("spec").at("template").at("metadata").dump();
  };
  const auto before = revision();
  change("demo", from_yaml("messaging: {storage: 3Gi}"));
  EXPECT_TRUE(asks_for("3Gi", "data-demo-messaging-0")) << message_of("demo");
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "MessagingReady") == "VolumeGrowing"; }));
  EXPECT_THAT(streams(), HasSubstr("max_file_store: 1932735276"));
  EXPECT_EQ(revision(), before);

  has_room("3Gi", "data-demo-messaging-0");
  EXPECT_TRUE(become_ready("demo")) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_THAT(streams(), HasSubstr("max_file_store: 2899102923"));
  EXPECT_NE(revision(), before) << "NATS reads its configuration when it starts";
}

}  // namespace
}  // namespace promptsales::testing
