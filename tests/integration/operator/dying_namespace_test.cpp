// A namespace that is being deleted and stays, because somebody else holds the resource in it.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr k8s::Kind kNamespace{"", "v1", "Namespace", "namespaces", /*namespaced=*/false};

class DyingNamespace : public WithOperator {
 protected:
  ~DyingNamespace() override { hold({}); }

  void hold(const k8s::Json& finalizers) {
    server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", finalizers}}}});
  }
};

TEST_F(DyingNamespace, IsNotFilledAgainAndTheResourceSaysWhoHoldsIt) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  hold({"example.org/hold"});
  server.send({.method = "DELETE", .target = kNamespace.path("") + "/" + server.ns()});
  EXPECT_TRUE(eventually([&] { return reason_of("demo") == "Deleting"; })) << read("demo").dump();
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_THAT(message_of("demo"), HasSubstr("the finalizer example.org/hold"));
  EXPECT_TRUE(eventually([&] { return ours().empty(); }));
  EXPECT_TRUE(throughout(500ms, [&] { return ours().empty(); }));
}

}  // namespace
}  // namespace promptsales::testing
