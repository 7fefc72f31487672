// A cluster whose definition of PromptSales is not installed yet. Takes it away from everybody, so it runs
// alone (CMakeLists.txt), and not where anybody but a test has a PromptSales.

#include <gmock/gmock.h>

#include <stop_token>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using k8s::kinds::kPromptSales;
using ::testing::HasSubstr;

class ClusterWithoutTheDefinition : public WithOperator {
 protected:
  static constexpr k8s::Kind kDefinition{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                         "customresourcedefinitions", /*namespaced=*/false};

  void SetUp() override {
    const auto listed = server.client().list(kPromptSales, {}, {}, std::stop_token{}, [](auto object) {
      ASSERT_TRUE(object->key.namespace_.starts_with("test-"))
          << "PromptSales " << object->key.str() << " is not a test's; this cluster is left alone";
    });
    ASSERT_TRUE(listed);
    if (HasFatalFailure()) return;
    server.send({.method = "DELETE", .target = kDefinition.path("") + "/promptsales.promptsales.io"});
    ASSERT_TRUE(eventually([&] {
      const auto gone = server.client().get(kDefinition, {"", "promptsales.promptsales.io"});
      const auto still_served = server.client().list(kPromptSales, {.ns = server.ns()}, {}, {}, [](auto) {});
      return gone && !*gone && !still_served;
    }));
    ASSERT_FALSE(HasFatalFailure());
  }
  void TearDown() override { PromptSalesApi{}; }  // installs it
};

TEST_F(ClusterWithoutTheDefinition, KeepsTheOperatorWaitingAndSayingWhatToDo) {
  const auto running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->get("/readyz").body.find("missing") != std::string::npos; }));
  const auto ready = running->get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("promptsales.promptsales.io"));
  EXPECT_THAT(ready.body, HasSubstr("crds/promptsales.yaml"));
  EXPECT_EQ(running->get("/healthz").status, 200);

  PromptSalesApi{};  // installs it
  create("demo");
  EXPECT_TRUE(eventually([&] { return running->ready(); })) << running->get("/readyz").body;
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_TRUE(running->running());
}

TEST_F(ClusterWithoutTheDefinition, LosesIt) {
  PromptSalesApi{};
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  server.send({.method = "DELETE", .target = kDefinition.path("") + "/promptsales.promptsales.io"});
  EXPECT_TRUE(eventually([&] { return running->get("/readyz").body.find("missing") != std::string::npos; }))
      << running->get("/readyz").body;
  EXPECT_TRUE(running->running());
  EXPECT_FALSE(server.get(k8s::kinds::kSecret, "demo-database").is_null());
  const auto password = password_in("demo-database");

  PromptSalesApi{};
  create("demo");
  EXPECT_TRUE(eventually([&] { return running->ready() && reason_of("demo") != ""; }));
  EXPECT_TRUE(eventually([&] { return become_ready("demo"); })) << running->get("/readyz").body;
  EXPECT_EQ(password_in("demo-database"), password);
}

}  // namespace
}  // namespace promptsales::testing
