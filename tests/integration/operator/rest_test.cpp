// A converged resource costs nothing.

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;

class AtRest : public WithOperator {};

TEST_F(AtRest, NothingIsWritten) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  const auto before = settled();
  const auto written = writes(*running);
  EXPECT_TRUE(throughout(4s, [&] { return versions() == before; }));
  EXPECT_EQ(writes(*running), written);
}

TEST_F(AtRest, NothingIsWrittenByAnOperatorThatStartsAnew) {
  auto running = an_operator();
  create("demo");
  create("other", "tier: Growth");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_TRUE(become_ready("other"));
  const auto before = settled();
  running->terminate();
  ASSERT_EQ(running->wait(), 0);

  const auto next = an_operator();
  ASSERT_TRUE(eventually([&] { return next->metric("controller_runtime_reconcile_total") >= 2; }));
  EXPECT_TRUE(throughout(3s, [&] { return versions() == before; }));
  EXPECT_EQ(writes(*next), 0);
}

TEST_F(AtRest, ATouchOfTheResourceThatAsksForNothingNewIsNoReasonToWrite) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_FALSE(settled().empty());
  const auto written = writes(*running);
  const auto reconciles = running->metric("controller_runtime_reconcile_total");
  server.patch(k8s::kinds::kPromptSales, "demo", {{"metadata", {{"labels", {{"team", "shop"}}}}}});
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") > reconciles; }));
  EXPECT_EQ(writes(*running), written);
}

}  // namespace
}  // namespace promptsales::testing
