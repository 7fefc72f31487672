#include "controllers/promptsales/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::from_yaml;
using promptsales::testing::kNow;
using ::testing::HasSubstr;

Plan plan(const std::string& spec, const std::string& status = "null", const Facts& facts = {}) {
  auto app = a_promptsales(spec);
  app.status = from_yaml(status);
  return plan_of(app, "backend:default", Settings{}, facts, kNow);
}

TEST(APlan, AtRestIsWhatTheSpecAsksFor) {
  const auto at_rest = plan("tier: MVP", "{effective: {tier: MVP}}");
  EXPECT_FALSE(at_rest.transition);
  EXPECT_EQ(to_status(at_rest.effective), to_status(at_rest.target));
}

TEST(APlan, OfANewResourceGoesThroughNoSteps) {
  const auto fresh = plan("tier: Growth");
  EXPECT_FALSE(fresh.transition);
  EXPECT_EQ(fresh.effective.tier, Tier::kGrowth);
}

TEST(APlan, OfAnotherTierIsItsStep) {
  const auto moving = plan("tier: Growth", "{effective: {tier: MVP}}");
  ASSERT_TRUE(moving.transition);
  EXPECT_EQ(moving.effective.tier, Tier::kMvp);
  EXPECT_EQ(moving.effective.backend.min_replicas, 3);
  EXPECT_EQ(moving.effective.backend.resources.requests.at("cpu"), "250m");
  EXPECT_EQ(moving.target.backend.resources.requests.at("cpu"), "500m");
}

// A person who mends a move that is stuck must not wait for the step in which it would come.
TEST(APlan, HasOverridesAtEveryStep) {
  for (const char* step : {"Headroom", "Roll", "RollData", "Shrink", "RevertRoll"}) {
    const auto moving = plan(
        "{tier: Growth, image: mine, backend: {resources: {requests: {cpu: 123m}}}}",
        std::string{"{effective: {tier: MVP}, transition: {from: MVP, to: Growth, step: "} + step + "}}");
    EXPECT_EQ(moving.effective.backend.image, "mine") << step;
    EXPECT_EQ(moving.effective.backend.resources.requests.at("cpu"), "123m") << step;
  }
}

TEST(APlan, KeepsTheBoundThatWasInForceWhenTheSpecAsksForTooMuch) {
  const std::string spec = "{tier: MVP, backend: {autoscaling: {maxReplicas: 500}}}";
  const auto blocked = plan(spec, "{effective: {tier: MVP, backend: {autoscaling: {maxReplicas: 5}}}}");
  EXPECT_TRUE(blocked.budget.exceeded());
  EXPECT_EQ(blocked.effective.backend.max_replicas, 5);
  EXPECT_EQ(blocked.target.backend.max_replicas, 500);
  EXPECT_EQ(plan(spec).effective.backend.max_replicas, 71);
}

TEST(APlan, LeavesPodsThatNobodyScalesAsTheyAre) {
  const auto kept = plan("{tier: MVP, backend: {autoscaling: {type: None}}}", "null", {.replicas = 7});
  EXPECT_TRUE(kept.effective.backend.keeps_replicas);
  EXPECT_EQ(kept.effective.backend.min_replicas, 7);
  EXPECT_EQ(kept.effective.backend.max_replicas, 7);
}

TEST(APlan, KeepsALargerVolume) {
  EXPECT_EQ(plan("tier: MVP", "{effective: {tier: MVP}}", {.volume = "500Gi"}).effective.database.storage,
            "500Gi");
  EXPECT_EQ(
      plan("tier: Growth", "{effective: {tier: Growth}}", {.volume = "20Gi"}).effective.database.storage,
      "500Gi");
}

// --- how far a move is

Seen well() { return {.replicas = 3}; }

TEST(AMove, GoesOnToTheNextStep) {
  const auto move = move_after(plan("tier: Growth", "{effective: {tier: MVP}}"), well());
  ASSERT_TRUE(move.next);
  EXPECT_EQ(move.next->step, Step::kRoll);
}

TEST(AMove, ToATierWithoutConnectionsWaitsForThem) {
  const auto starved = plan("{tier: Growth, backend: {autoscaling: {maxReplicas: 500}}}",
                            "{effective: {tier: MVP, backend: {autoscaling: {maxReplicas: 3}}}}");
  const auto move = move_after(starved, well());
  ASSERT_TRUE(move.next);
  EXPECT_EQ(move.next->step, Step::kHeadroom);
  EXPECT_THAT(move.next->blocked_by, HasSubstr("need 626 database connections"));
}

TierMove at(Step step, std::optional<Step> next, const std::string& blocked_by = "") {
  const Transition now{.from = Tier::kMvp, .to = Tier::kGrowth, .step = step, .started_at = kNow};
  TierMove move{now, std::nullopt};
  if (next) {
    move.next = now;
    move.next->step = *next;
    move.next->blocked_by = blocked_by;
  }
  return move;
}

TEST(AMoveInTheStatus, IsNotReadyHoweverWellEverythingServes) {
  APass pass{"tier: Growth"};
  pass.move = at(Step::kRoll, Step::kRollData);
  const auto update = pass.update();
  EXPECT_EQ(brief(update.status, "Ready"), "False TierMove");
  EXPECT_EQ(brief(update.status, "Reconciling"), "True TierMove");
  EXPECT_EQ(update.urgency, Urgency::kNow) << "the next pass works from it";
  const Json want{{"from", "MVP"}, {"to", "Growth"}, {"step", "RollData"}, {"startedAt", kNow}};
  EXPECT_EQ(update.status.at("transition"), want);
}

TEST(AMoveInTheStatus, ThatIsOverLeavesTheTierThatWasReached) {
  APass pass{"tier: Growth"};
  pass.inputs.effective.tier = Tier::kMvp;
  pass.move = at(Step::kShrink, std::nullopt);
  const auto status = pass.status();
  EXPECT_FALSE(status.contains("transition"));
  EXPECT_EQ(status.at("effective").at("tier"), "Growth");
  EXPECT_EQ(brief(status, "Ready"), "False TierMove") << "the next pass looks at what came out";
}

TEST(AMoveInTheStatus, StaysWhileNothingIsLookedAt) {
  APass moving{"tier: Growth"};
  moving.move = at(Step::kRoll, Step::kRoll, "no room");
  const auto status = moving.status();
  EXPECT_EQ(APass{"tier: Growth"}
                .after(status)
                .stopped_by(Remedy::kWaitForSpecChange, "Suspended")
                .status()
                .at("transition"),
            status.at("transition"));
}

}  // namespace
}  // namespace promptsales::controllers
