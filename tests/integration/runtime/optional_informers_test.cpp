// Kinds that a server may not have, watched when they are needed.

#include "operator/runtime/optional_informers.hpp"

#include <gmock/gmock.h>

#include "tests/integration/support/definitions.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using testing::ApiServer;
using testing::Definition;
using testing::eventually;
using State = InformerStatus::State;
using ::testing::HasSubstr;

class OptionalKinds : public ::testing::Test {
 protected:
  void SetUp() override {
    optional.declare({gadget, {}, {}});
    optional.declare({gadget_of_any_version, {}, {}});
  }
  int started() const {
    int count = 0;
    optional.for_each_started([&](const auto&) { ++count; });
    return count;
  }
  k8s::Object a_gadget(const std::string& name) const {
    return {{"apiVersion", gadget.api_version()},
            {"kind", gadget.kind},
            {"metadata", {{"name", name}}},
            {"spec", {{"size", "large"}}}};
  }

  ApiServer server;
  // Definitions are the whole cluster's: a group of its own for each test.
  const std::string group = server.ns() + ".test.promptsales.io";
  const k8s::Kind gadget{group, "v1", "Gadget", "gadgets"};
  const k8s::Kind gadget_of_any_version{group, "", "Gadget", "gadgets"};
  OptionalInformers optional{server.client(), server.ns(), server.clock()};
};

TEST_F(OptionalKinds, AreNotWatchedBeforeTheyAreNeeded) {
  EXPECT_EQ(started(), 0);
  EXPECT_EQ(optional.started(gadget), nullptr);
}

TEST_F(OptionalKinds, AreFoundWithin35SecondsWhenTheirDefinitionAppears) {
  auto* informer = optional.demand(gadget).value();
  ASSERT_TRUE(eventually([&] { return informer->status().trouble == State::kMissing; }));
  EXPECT_FALSE(informer->status().synced);
  EXPECT_EQ(started(), 1);

  const Definition definition{server, gadget};
  EXPECT_TRUE(eventually([&] { return informer->status().synced; })) << informer->status().last_error;
  EXPECT_EQ(informer->status().trouble, std::nullopt);
  server.apply(gadget, a_gadget("one"));
  EXPECT_TRUE(eventually([&] { return informer->store().find({server.ns(), "one"}) != nullptr; }));
}

TEST_F(OptionalKinds, OfAnOpenVersionAreAskedForOnceUntilTheAnswerIsOld) {
  const auto missing = optional.demand(gadget_of_any_version);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "ProviderAPIMissing");
  EXPECT_EQ(missing.error().remedy, Remedy::kWaitForChange);
  EXPECT_LE(missing.error().retry_after.value(), 30s);
  EXPECT_THAT(missing.error().message, HasSubstr("Gadget of " + group));
  EXPECT_EQ(started(), 0);

  const Definition definition{server, gadget};
  EXPECT_FALSE(optional.demand(gadget_of_any_version)) << "the answer is not old yet";
  OptionalInformers later{server.client(), server.ns(), server.clock()};
  later.declare({gadget_of_any_version, {}, {}});
  ASSERT_TRUE(eventually([&] { return later.demand(gadget_of_any_version).has_value(); }));
  EXPECT_EQ(later.as_served(gadget_of_any_version).version, "v1");
}

TEST_F(OptionalKinds, CanBeNamedByAUser) {
  EXPECT_EQ(optional.named(group + "/v7", "Gadget", {}).error().reason, "ProviderAPIMissing");
  const Definition definition{server, gadget};
  const auto kind = optional.named(group + "/v1", "Gadget", k8s::Keep{"spec.size"});
  ASSERT_TRUE(kind) << kind.error().message;
  EXPECT_EQ((*kind)->plural, "gadgets");
  EXPECT_EQ(optional.named(group + "/v1", "Gadget", {}).value(), *kind);

  server.apply(**kind, a_gadget("one"));
  auto* informer = optional.demand(**kind).value();
  ASSERT_TRUE(eventually([&] { return informer->store().find({server.ns(), "one"}) != nullptr; }));
  EXPECT_EQ(informer->store().find({server.ns(), "one"})->document(),
            k8s::Json({{"spec", {{"size", "large"}}}}));
}

TEST_F(OptionalKinds, ThatMayNotBeSeenSaySo) {
  auto nobody = server.client_of_service_account("nobody");
  const Definition definition{server, gadget};
  OptionalInformers refused{*nobody, server.ns(), server.clock()};
  refused.declare({gadget, {}, {}});
  auto* informer = refused.demand(gadget).value();
  EXPECT_TRUE(eventually([&] { return informer->status().trouble == State::kForbidden; }));
  EXPECT_THAT(informer->status().last_error, HasSubstr("gadgets." + group));
}

}  // namespace
}  // namespace promptsales::runtime
