// Several operators, and operators that die: one works at a time, and nothing is made twice or half.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;

class Leadership : public WithOperator {
 protected:
  /// A leader, and one that stands by with complete caches.
  void SetUp() override {
    leader = an_operator({"--identity", "first"});
    ASSERT_TRUE(eventually([&] { return leader->leading(); }));
    standby = an_operator({"--identity", "second"});
    ASSERT_TRUE(eventually([&] { return standby->ready(); }));
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
  }
  std::string holder() {
    return string_at(server.get(kLease, "promptsales-operator"), {"spec", "holderIdentity"});
  }
  void is_repaired() {
    server.remove(kConfigMap, "demo-backend");
    EXPECT_TRUE(eventually([&] { return !server.get(kConfigMap, "demo-backend").is_null(); }));
  }

  std::unique_ptr<OperatorProcess> leader;
  std::unique_ptr<OperatorProcess> standby;
};

TEST_F(Leadership, IsHeldByOneAndTheOtherWritesNothing) {
  EXPECT_EQ(holder(), "first");
  is_repaired();
  EXPECT_FALSE(standby->leading());
  EXPECT_TRUE(standby->ready()) << "a standby can take over, so it is ready";
  EXPECT_EQ(writes(*standby), 0);
}

// Within 200 ms on a machine that has nothing else to do: tests/operator/runtime/leader_test.cpp.
TEST_F(Leadership, GoesOverAtOnceWhenTheLeaderIsAskedToEnd) {
  const auto renewed = [&] { return server.get(kLease, "promptsales-operator").at("spec").at("renewTime"); };
  for (int renewals = 0; renewals < 2; ++renewals)
    ASSERT_TRUE(eventually([&, before = renewed()] { return renewed() != before; }));
  leader->terminate();
  EXPECT_TRUE(eventually([&] { return holder() != "first"; }));
  const auto given_back = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return holder() == "second"; }));
  EXPECT_LT(std::chrono::steady_clock::now() - given_back, 10s) << "a lease that runs out takes 15";
  EXPECT_TRUE(eventually([&] { return standby->leading(); }));
  EXPECT_EQ(leader->wait(), 0);
  is_repaired();
}

TEST_F(Leadership, GoesOverWhenTheLeaderDiesAndItsLeaseHasRunOut) {
  leader->kill();
  EXPECT_TRUE(throughout(5s, [&] { return !standby->leading(); })) << "the lease is still the other's";
  EXPECT_TRUE(eventually([&] { return standby->leading(); }));
  is_repaired();
}

// The leader stops in the middle of things and wakes up when another one leads: it must notice before it
// writes.
TEST_F(Leadership, IsGivenUpByALeaderThatWasAwayBeforeItWrites) {
  // A write that is on its way when it stops would be counted when it wakes up.
  ASSERT_TRUE(eventually([&] {
    const auto now = writes(*leader);
    return throughout(500ms, [&] { return writes(*leader) == now; });
  }));
  leader->freeze();
  ASSERT_TRUE(eventually([&] { return standby->leading(); }));
  is_repaired();
  leader->thaw();
  const auto before = writes(*leader);
  is_repaired();
  EXPECT_TRUE(eventually([&] { return !leader->leading(); }));
  is_repaired();
  EXPECT_EQ(writes(*leader), before);
  EXPECT_EQ(holder(), "second");
}

// `timeout` and a terminal send one to the process and one to its group.
TEST_F(Leadership, IsGivenBackThoughTheSignalComesTwiceAtOnce) {
  leader->terminate();
  leader->terminate();
  EXPECT_EQ(leader->wait(), 0);
  EXPECT_TRUE(eventually([&] { return holder() == "second"; }));
}

TEST_F(Leadership, EndsInOrderWhileThereIsWork) {
  for (const char* name : {"one", "two", "three", "four", "five"}) create(name);
  leader->terminate();
  EXPECT_EQ(leader->wait(), 0);
  for (const char* name : {"one", "two", "three", "four", "five"}) EXPECT_TRUE(has_children(name)) << name;
}

TEST_F(WithOperator, WhoseLeaseHasNoNamespaceSaysSoAndIsNotReady) {
  const auto running = an_operator({"--lease-namespace", "no-such-namespace"});
  ASSERT_TRUE(eventually([&] {
    return running->get("/readyz").body.find("cannot lead") != std::string::npos;
  })) << running->get("/readyz").body;
  const auto ready = running->get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("create Lease no-such-namespace/promptsales-operator"));
  EXPECT_THAT(ready.body, HasSubstr("or name another one with --lease-namespace"));
}

class AnOperatorThatDies : public WithOperator, public ::testing::WithParamInterface<int> {};

// Dies when that many children are there, again and again, and each time another one goes on.
TEST_P(AnOperatorThatDies, LeavesNothingHalfMadeOrTwice) {
  const auto at = static_cast<std::size_t>(GetParam());
  create("demo");
  for (std::size_t there = at; there < 17; there += 4) {
    OperatorProcess doomed{[&] {
                             auto all = arguments();
                             all.insert(all.end(), {"--leader-elect", "false"});
                             return all;
                           }(),
                           images()};
    ASSERT_TRUE(eventually([&] { return ours().size() >= there; }));
    doomed.kill();
  }
  const std::string password = password_in("demo-database");
  const auto running = an_operator();
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(ours().size(), wanted("demo").size());
  EXPECT_EQ(server.get(kDeployment, "demo-backend").at("spec").at("replicas"), 2);
  EXPECT_EQ(password_in("demo-database-binding"), password_in("demo-database"));
  EXPECT_TRUE(password.empty() || password == password_in("demo-database"))
      << "the first password is the one";
  EXPECT_EQ(password_in("demo-cache-binding"), password_in("demo-cache"));
}

INSTANTIATE_TEST_SUITE_P(AfterSoManyChildren, AnOperatorThatDies, ::testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace promptsales::testing
