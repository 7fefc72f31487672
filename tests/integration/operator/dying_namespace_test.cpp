// A namespace that is being deleted and stays, because somebody else holds the resource in it.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr k8s::Kind kNamespace{"", "v1", "Namespace", "namespaces", /*namespaced=*/false};

class DyingNamespace : public WithOperator {
 protected:
  ~DyingNamespace() override { hold({}); }

  void hold(const k8s::Json& finalizers) {
    server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", finalizers}}}});
  }
  void delete_namespace() {
    server.send({.method = "DELETE", .target = kNamespace.path("") + "/" + server.ns()});
  }
  /// A pod of the database that nobody ends, as on a node that takes its time.
  void draining_pod() {
    server.apply(kPod,
                 {{"apiVersion", "v1"},
                  {"kind", "Pod"},
                  {"metadata",
                   {{"name", "demo-database-0"},
                    {"finalizers", {"example.org/drain"}},
                    {"labels",
                     {{"app.kubernetes.io/managed-by", "promptsales-operator"},
                      {"app.kubernetes.io/component", "database"},
                      {"promptsales.io/name", "demo"}}}}},
                  {"spec", {{"containers", Json::array({{{"name", "postgres"}, {"image", "none"}}})}}}});
    server.remove(kPod, "demo-database-0");
  }
};

TEST_F(DyingNamespace, IsNotFilledAgainAndTheResourceSaysWhoHoldsIt) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  hold({"example.org/hold"});
  delete_namespace();
  EXPECT_TRUE(eventually([&] { return reason_of("demo") == "Deleting"; })) << read("demo").dump();
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_THAT(message_of("demo"), HasSubstr("the finalizer example.org/hold"));
  EXPECT_TRUE(eventually([&] { return ours().empty(); }));
  EXPECT_TRUE(throughout(500ms, [&] { return ours().empty(); }));
}

TEST_F(DyingNamespace, IsSaidWhilePodsStillDrain) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  hold({"example.org/hold"});
  draining_pod();
  EXPECT_TRUE(throughout(1s, [&] { return reason_of("demo") != "Deleting"; })) << "only the pod goes";
  delete_namespace();
  server.patch(kPod, "demo-database-0", {{"metadata", {{"annotations", {{"example.org/seen", "1"}}}}}});
  EXPECT_TRUE(eventually([&] { return reason_of("demo") == "Deleting"; })) << read("demo").dump();
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  server.patch(kPod, "demo-database-0", {{"metadata", {{"finalizers", nullptr}}}});
}

}  // namespace
}  // namespace promptsales::testing
