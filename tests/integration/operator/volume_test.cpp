// A database volume that is to grow: the API server lets no StatefulSet have another claim template, and the
// rest of the spec must not wait for that.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

class AVolume : public WithOperator {
 protected:
  static constexpr const char* kClaim = "data-demo-database-0";

  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
  }
  /// What the StatefulSet's controller and a provider of volumes would do.
  void provide(const std::string& size) {
    const Json stateful_set = server.get(kStatefulSet, "demo-database");
    Json claim = stateful_set.at("spec").at("volumeClaimTemplates").at(0);
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    claim["metadata"]["name"] = kClaim;
    claim.erase("status");
    server.apply(kPersistentVolumeClaim, claim);
    const Json status{{"phase", "Bound"}, {"capacity", {{"storage", size}}}};
    const Json bound{{"apiVersion", "v1"},
                     {"kind", "PersistentVolumeClaim"},
                     {"metadata", {{"name", kClaim}, {"namespace", server.ns()}}},
                     {"status", status}};
    const auto answer = server.client().apply(kPersistentVolumeClaim, bound,
                                              {.manager = "test-provider", .subresource = "status"});
    ASSERT_TRUE(answer) << answer.error().message;
  }
  /// The database's memory, which a higher tier raises.
  bool has_memory(const char* amount) {
    const Json::json_pointer memory{"/spec/template/spec/containers/0/resources/requests/memory"};
    return server.get(kStatefulSet, "demo-database").at(memory) == amount;
  }
  Json claim_template() {
    return server.get(kStatefulSet, "demo-database").at("spec").at("volumeClaimTemplates");
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(AVolume, DoesNotKeepAHigherTierFromComing) {
  provide("20Gi");
  const Json before = claim_template();
  change("demo", from_yaml("tier: Growth"));
  EXPECT_TRUE(eventually([&] { return has_memory("16Gi"); }))
      << reason_of("demo") << ": " << message_of("demo");
  EXPECT_EQ(claim_template(), before);
}

TEST_F(AVolume, ThatIsTooSmallIsSaidUntilItIsNot) {
  provide("20Gi");
  change("demo", from_yaml("database: {type: Embedded, storage: 30Gi}"));
  ASSERT_TRUE(becomes("demo", "VolumeTooSmall")) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "False");
  EXPECT_EQ(status_of("demo", "BackendAvailable"), "True");
  EXPECT_THAT(message_of("demo"), HasSubstr("patch pvc data-demo-database-0"));

  provide("30Gi");
  EXPECT_TRUE(become_ready("demo")) << reason_of("demo") << ": " << message_of("demo");
}

}  // namespace
}  // namespace promptsales::testing
