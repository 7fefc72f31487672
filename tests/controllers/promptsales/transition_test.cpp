#include "controllers/promptsales/transition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/connections.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::failed;
using promptsales::testing::from_yaml;
using promptsales::testing::kEarlier;
using promptsales::testing::kNow;
using promptsales::testing::progressing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Effective as_tier(Tier tier, const std::string& overrides = "{tier: MVP}", const Facts& facts = {}) {
  Spec spec = a_promptsales(overrides).spec;
  spec.tier = tier;
  return effective(spec, "backend:default", built_in_tiers(), facts);
}

const Effective kMvp = as_tier(Tier::kMvp);
const Effective kGrowth = as_tier(Tier::kGrowth);

// --- what is to be at each step

struct StageCase {
  std::string name;
  Step step;
  bool upwards;  ///< MVP to Growth, else back
  int least;
  int most;
  std::string pod_cpu;
  std::string topology;
  std::string database_memory;
  std::string cache_memory;
};

void PrintTo(const StageCase& row, std::ostream* out) { *out << row.name; }

class Stage : public ::testing::TestWithParam<StageCase> {};

TEST_P(Stage, IsWhatItsStepAsksFor) {
  const auto& row = GetParam();
  const auto& [from, to] = row.upwards ? std::tie(kMvp, kGrowth) : std::tie(kGrowth, kMvp);
  const auto now = staged(from, to, row.step);
  EXPECT_EQ(now.tier, from.tier) << "until the move is over";
  EXPECT_EQ(now.backend.min_replicas, row.least);
  EXPECT_EQ(now.backend.max_replicas, row.most);
  EXPECT_EQ(now.backend.resources.requests.at("cpu"), row.pod_cpu);
  EXPECT_EQ(now.spread.topology_key, row.topology);
  EXPECT_EQ(now.database.resources.requests.at("memory"), row.database_memory);
  EXPECT_EQ(now.database.resources.limits.at("memory"), row.database_memory);
  EXPECT_EQ(now.cache.resources.requests.at("memory"), row.cache_memory);
  EXPECT_EQ(now.database.storage, "500Gi") << "a volume grows first and never shrinks";
}

constexpr const char* kHost = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

INSTANTIATE_TEST_SUITE_P(
    OfAMove, Stage,
    ::testing::Values(StageCase{"UpHeadroom", Step::kHeadroom, true, 3, 4, "250m", kHost, "1Gi", "256Mi"},
                      StageCase{"UpRoll", Step::kRoll, true, 3, 4, "500m", kZone, "1Gi", "256Mi"},
                      StageCase{"UpRollData", Step::kRollData, true, 3, 4, "500m", kZone, "16Gi", "8Gi"},
                      StageCase{"UpShrink", Step::kShrink, true, 3, 4, "500m", kZone, "16Gi", "8Gi"},
                      StageCase{"DownHeadroom", Step::kHeadroom, false, 3, 4, "500m", kZone, "16Gi", "8Gi"},
                      StageCase{"DownRoll", Step::kRoll, false, 3, 4, "250m", kHost, "16Gi", "8Gi"},
                      StageCase{"DownRollData", Step::kRollData, false, 3, 4, "250m", kHost, "16Gi", "8Gi"},
                      StageCase{"DownShrink", Step::kShrink, false, 2, 3, "250m", kHost, "1Gi", "256Mi"}),
    [](const auto& info) { return info.param.name; });

TEST(Stages, NeverReplaceBackendAndDataInOneStep) {
  for (const auto& [from, to] : {std::pair{kMvp, kGrowth}, std::pair{kGrowth, kMvp}}) {
    Effective before = from;
    for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData, Step::kShrink}) {
      const auto now = staged(from, to, step);
      const bool backend = !(now.backend.resources == before.backend.resources) ||
                           now.spread.topology_key != before.spread.topology_key ||
                           now.database.pool_size != before.database.pool_size;
      const bool data = !(now.database.resources == before.database.resources) ||
                        !(now.cache.resources == before.cache.resources);
      EXPECT_FALSE(backend && data) << text_of(step, false);
      before = now;
    }
  }
}

TEST(Stages, GoBackwardsThroughTheOnesBefore) {
  const auto reverted = [](Step step) {
    return staged(Transition{.from = Tier::kMvp, .to = Tier::kGrowth, .step = step, .reverting = true}, kMvp,
                  kGrowth);
  };
  EXPECT_EQ(to_status(reverted(Step::kShrink)), to_status(staged(kMvp, kGrowth, Step::kRollData)));
  EXPECT_EQ(to_status(reverted(Step::kRollData)), to_status(staged(kMvp, kGrowth, Step::kRoll)));
  EXPECT_EQ(to_status(reverted(Step::kRoll)), to_status(staged(kMvp, kGrowth, Step::kHeadroom)));
  EXPECT_EQ(to_status(reverted(Step::kHeadroom)), to_status(kMvp));
}

TEST(Stages, KeepTheStricterDisruptionBudgetUntilTheEnd) {
  const auto scale = as_tier(Tier::kScale,
                             "{tier: MVP, database: {type: Secret, secretRef: {name: d}}, cache: "
                             "{type: Secret, secretRef: {name: c}}}");
  for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData}) {
    EXPECT_EQ(staged(kMvp, scale, step).max_unavailable, "1");
    EXPECT_EQ(staged(scale, kMvp, step).max_unavailable, "1");
  }
  EXPECT_EQ(staged(kMvp, scale, Step::kShrink).max_unavailable, "25%");
  EXPECT_EQ(staged(scale, kMvp, Step::kShrink).max_unavailable, "1");
}

/// Tiers that differ by their number of pods alone, so that pools differ too.
std::pair<Effective, Effective> few_and_many(int many) {
  TierTable tiers = built_in_tiers();
  tiers[1].max_replicas = many;
  const auto app = a_promptsales("{tier: MVP}");
  Spec growth = app.spec;
  growth.tier = Tier::kGrowth;
  return {effective(app.spec, "b", tiers), effective(growth, "b", tiers)};
}

// While pods are replaced, those with the larger pool are still there.
TEST(Stages, OpenNoMoreConnectionsThanTheServerHas) {
  for (const int many : {5, 10, 20, 40, 70}) {
    const auto [few, lots] = few_and_many(many);
    for (const auto& [from, to] : {std::pair{few, lots}, std::pair{lots, few}}) {
      const auto largest = std::max(from.database.pool_size, to.database.pool_size);
      for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData, Step::kShrink}) {
        const auto now = staged(from, to, step);
        EXPECT_LE(connections_needed(now), 90) << many << text_of(step, false);
        const auto pods = now.backend.max_replicas + now.backend.max_surge;
        // A tier that is too large for the larger pool has the smaller one from the beginning.
        if (step != Step::kShrink && from.database.pool_size == largest) {
          EXPECT_LE(pods * largest + 1, 90) << many << text_of(step, false);
        }
        EXPECT_LE(now.backend.min_replicas, now.backend.max_replicas);
        EXPECT_GE(now.backend.max_replicas, std::min(from.backend.max_replicas, to.backend.max_replicas));
      }
    }
  }
}

/// Tier Growth connects to the Cluster itself, tier Scale through poolers.
std::pair<Effective, Effective> direct_and_pooled() {
  const std::string database = "{tier: MVP, database: {type: CloudNativePG}}";
  return {as_tier(Tier::kGrowth, database), as_tier(Tier::kScale, database)};
}

// Pods that go through poolers are there beside others that do not.
TEST(Stages, CountPodsOfBothKindsWhenPoolersComeAndGo) {
  const auto [direct, pooled] = direct_and_pooled();
  ASSERT_EQ(direct.database.pooler_instances, 0);
  ASSERT_EQ(pooled.database.pooler_instances, 2);
  const auto pods = [](const Effective& now) { return now.backend.max_replicas + now.backend.max_surge; };

  for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData}) {
    const auto coming = staged(direct, pooled, step);
    EXPECT_LE(pods(coming) * direct.database.pool_size, 89) << "a pod that waits to be replaced";
    const auto going = staged(pooled, direct, step);
    if (step == Step::kHeadroom) continue;
    EXPECT_EQ(going.backend.max_replicas, 24);
    EXPECT_LE(pods(going) * going.database.pool_size + 2 * pooler_connections(pooled.database), 89);
  }
  for (const auto& [from, to] : {std::pair{direct, pooled}, std::pair{pooled, direct}})
    EXPECT_EQ(staged(from, to, Step::kShrink).database.pool_size,
              staged(from, to, Step::kRoll).database.pool_size)
        << "a step that changes servers replaces no pods";
  EXPECT_EQ(staged(direct, pooled, Step::kShrink).backend.max_replicas, 24);
}

// Its server is still, or again, the smaller one.
TEST(Stages, HaveTheConnectionsOfTheMachineThatThereIs) {
  const std::string database = "{tier: MVP, database: {type: ACK, ack: {region: r}}}";
  const auto [small, large] = std::pair{as_tier(Tier::kMvp, database), as_tier(Tier::kGrowth, database)};
  ASSERT_LT(small.database.max_connections, large.database.max_connections);
  const auto connections = [](const Effective& now) { return now.database.max_connections; };
  EXPECT_EQ(connections(staged(small, large, Step::kRoll)), connections(small));
  EXPECT_EQ(connections(staged(small, large, Step::kRollData)), connections(large));
  EXPECT_EQ(connections(staged(large, small, Step::kRoll)), connections(large));
  EXPECT_EQ(connections(staged(large, small, Step::kShrink)), connections(small));
  for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData, Step::kShrink})
    EXPECT_LE(connections_needed(staged(large, small, step)), connections(small) - kReservedConnections);
}

// --- what is under way

Transition a_move(Step step, bool reverting = false) {
  return {
      .from = Tier::kMvp, .to = Tier::kGrowth, .step = step, .reverting = reverting, .started_at = kEarlier};
}

PromptSales asking_for(const std::string& tier, const Json& status) {
  auto app = a_promptsales("tier: " + tier);
  app.status = status;
  return app;
}

Json status_with(const Transition& transition) {
  return {{"effective", {{"tier", text_of(transition.from)}}}, {"transition", to_status(transition)}};
}

TEST(TransitionOf, AResourceThatIsNewOrAtRestIsNone) {
  EXPECT_EQ(transition_of(asking_for("Growth", nullptr), kNow), std::nullopt);
  EXPECT_EQ(transition_of(asking_for("Growth", from_yaml("{observedGeneration: -1}")), kNow), std::nullopt);
  EXPECT_EQ(transition_of(asking_for("Growth", from_yaml("{effective: {tier: Growth}}")), kNow),
            std::nullopt);
}

TEST(TransitionOf, AnotherTierBeginsWithHeadroom) {
  EXPECT_EQ(transition_of(asking_for("Growth", from_yaml("{effective: {tier: MVP}}")), kNow),
            (Transition{.from = Tier::kMvp, .to = Tier::kGrowth, .started_at = kNow}));
}

// Each step of each direction as an operator that starts anew finds it.
TEST(TransitionOf, AMoveThatIsUnderWayGoesOnWhereItWas) {
  for (const Step step : {Step::kHeadroom, Step::kRoll, Step::kRollData, Step::kShrink}) {
    EXPECT_EQ(transition_of(asking_for("Growth", status_with(a_move(step))), kNow), a_move(step));
    EXPECT_EQ(transition_of(asking_for("MVP", status_with(a_move(step, true))), kNow), a_move(step, true));
  }
}

TEST(TransitionOf, TheTierSetBackTurnsRoundAtTheStepThatWasReached) {
  EXPECT_EQ(transition_of(asking_for("MVP", status_with(a_move(Step::kRoll))), kNow),
            a_move(Step::kRoll, true));
  EXPECT_EQ(transition_of(asking_for("Growth", status_with(a_move(Step::kRoll, true))), kNow),
            a_move(Step::kRoll));
}

TEST(TransitionOf, AThirdTierUndoesTheMoveFirst) {
  EXPECT_EQ(transition_of(asking_for("Scale", status_with(a_move(Step::kRollData))), kNow),
            a_move(Step::kRollData, true));
}

TEST(TransitionOf, AStepOfAnotherVersionBeginsAgain) {
  auto status = status_with(a_move(Step::kRoll));
  status["transition"]["step"] = "Dance";
  EXPECT_EQ(transition_of(asking_for("Growth", status), kNow), a_move(Step::kHeadroom));
}

// --- from step to step

std::vector<std::string> walk(Transition at) {
  std::vector<std::string> steps;
  for (std::optional<Transition> next = at; next; next = advanced(*next, ""))
    steps.push_back(text_of(next->step, next->reverting));
  return steps;
}

TEST(Steps, AreTakenInAFixedOrderAndUndoneInTheReverse) {
  EXPECT_THAT(walk(a_move(Step::kHeadroom)),
              ::testing::ElementsAre("Headroom", "Roll", "RollData", "Shrink"));
  EXPECT_THAT(walk(a_move(Step::kShrink, true)),
              ::testing::ElementsAre("RevertShrink", "RevertRollData", "RevertRoll", "RevertHeadroom"));
  EXPECT_EQ(a_move(Step::kShrink).reached(), Tier::kGrowth);
  EXPECT_EQ(a_move(Step::kHeadroom, true).reached(), Tier::kMvp);
}

TEST(Steps, ThatAreHeldUpStayAndSayWhy) {
  const auto held = advanced(a_move(Step::kRoll), "no room");
  ASSERT_TRUE(held);
  EXPECT_EQ(held->step, Step::kRoll);
  EXPECT_EQ(to_status(*held).at("blockedBy"), "no room");
  EXPECT_FALSE(to_status(*advanced(*held, "")).contains("blockedBy"));
}

struct UnfinishedCase {
  std::string name;
  Transition move;
  Seen seen;
  std::string says;        ///< a part of it; empty: the step is done
  bool downwards = false;  ///< from Growth to MVP
};

void PrintTo(const UnfinishedCase& row, std::ostream* out) { *out << row.name; }

class Unfinished : public ::testing::TestWithParam<UnfinishedCase> {};

TEST_P(Unfinished, SaysWhatTheStepWaitsFor) {
  const auto& row = GetParam();
  const auto& [from, to] = row.downwards ? std::tie(kGrowth, kMvp) : std::tie(kMvp, kGrowth);
  const auto why = unfinished(row.move, before(row.move, from, to), staged(row.move, from, to), row.seen);
  if (row.says.empty()) {
    EXPECT_THAT(why, IsEmpty());
  } else {
    EXPECT_THAT(why, HasSubstr(row.says));
  }
}

/// Everything serves, with as many pods as both tiers ask for.
Seen well(Seen but = {}) {
  but.replicas = std::max<std::int64_t>(but.replicas, 3);
  return but;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Unfinished,
    ::testing::Values(
        UnfinishedCase{"HeadroomIsThere", a_move(Step::kHeadroom), well(), ""},
        UnfinishedCase{"PodsAreMissing", a_move(Step::kHeadroom),
                       well({.backend = progressing("RollingOut", "2 of 3")}), "RollingOut: 2 of 3"},
        UnfinishedCase{"PodsDoNotFit", a_move(Step::kHeadroom),
                       well({.backend = failed("Unschedulable", "no node")}), "Unschedulable: no node"},
        UnfinishedCase{"TheAutoscalerIsRefused", a_move(Step::kHeadroom),
                       well({.autoscaler = failed("Forbidden", "quota")}), "Forbidden: quota"},
        UnfinishedCase{"TheVolumeGrows", a_move(Step::kHeadroom),
                       well({.database = progressing("VolumeGrowing")}), "VolumeGrowing"},
        UnfinishedCase{"TheVolumeCannotGrow", a_move(Step::kHeadroom),
                       well({.database = failed("VolumeNotExpandable")}), ""},
        UnfinishedCase{"TheCacheKeepsItsShards", a_move(Step::kRollData),
                       well({.cache = failed("CacheSharded")}), ""},
        UnfinishedCase{"TheCacheIsNotGivenShards", a_move(Step::kRollData),
                       well({.cache = failed("NotImplemented")}), ""},
        UnfinishedCase{"TheLargerTierMayMendTheBackend", a_move(Step::kHeadroom),
                       well({.backend = failed("CrashLoop")}), ""},
        UnfinishedCase{"TheLargerTierMayMendTheDatabase", a_move(Step::kHeadroom),
                       well({.backend = progressing("ReplicasNotReady"), .database = failed("CrashLoop")}),
                       ""},
        UnfinishedCase{"WhatDoesNotFitIsMadeSmaller", a_move(Step::kHeadroom),
                       well({.backend = failed("Unschedulable"), .database = failed("Unschedulable")}), "",
                       true},
        UnfinishedCase{
            "PodsWaitForADatabaseThatFitsNowhere", a_move(Step::kRoll),
            well({.backend = progressing("ReplicasNotReady"), .database = failed("Unschedulable")}), "",
            true},
        UnfinishedCase{
            "ADatabaseThatFitsNowhereIsMadeSmallerNext", a_move(Step::kRollData),
            well({.backend = progressing("ReplicasNotReady"), .database = failed("Unschedulable")}), "",
            true},
        UnfinishedCase{"ASmallerDatabaseHasToServe", a_move(Step::kShrink),
                       well({.database = failed("CrashLoop", "exit code 1")}), "CrashLoop: exit code 1",
                       true},
        UnfinishedCase{"ALargerDatabaseHasToServe", a_move(Step::kRollData),
                       well({.database = failed("Unschedulable", "no node")}), "Unschedulable: no node"},
        UnfinishedCase{"PodsAreReplaced", a_move(Step::kRoll),
                       well({.backend = progressing("RollingOut", "1 of 3")}), "RollingOut: 1 of 3"},
        UnfinishedCase{"NewPodsCrash", a_move(Step::kRoll),
                       well({.backend = failed("CrashLoop", "exit code 1")}), "CrashLoop: exit code 1"},
        UnfinishedCase{"PodsAreReplacedWhileTheCacheStarts", a_move(Step::kRoll),
                       well({.cache = progressing("Starting")}), ""},
        UnfinishedCase{"PodsWaitForADatabaseThatCrashes", a_move(Step::kRoll),
                       well({.backend = progressing("ReplicasNotReady"), .database = failed("CrashLoop")}),
                       ""},
        UnfinishedCase{"TheDatabaseRestarts", a_move(Step::kRollData),
                       well({.database = progressing("RollingOut")}), "RollingOut"},
        UnfinishedCase{"TheCacheRestarts", a_move(Step::kRollData), well({.cache = progressing("Starting")}),
                       "Starting"},
        UnfinishedCase{"ThePodsFindTheDatabaseAgain", a_move(Step::kRollData),
                       well({.backend = progressing("ReplicasNotReady")}), "ReplicasNotReady"},
        UnfinishedCase{"AllIsAsInTheNewTier", a_move(Step::kShrink), well(), ""},
        UnfinishedCase{"PodsAreToGo", a_move(Step::kShrink), well({.replicas = 6}),
                       "6 backend pods are there"},
        UnfinishedCase{"UndoneWhatWasHeadroom", a_move(Step::kHeadroom, true), well(), ""},
        UnfinishedCase{"PodsOfTheHeadroomAreToGo", a_move(Step::kHeadroom, true), well({.replicas = 4}),
                       "at most 3 are to be"},
        UnfinishedCase{"PodsAreReplacedByTheFormerOnes", a_move(Step::kRoll, true),
                       well({.backend = progressing("RollingOut")}), "RollingOut"},
        UnfinishedCase{"TheDatabaseRestartsAsBefore", a_move(Step::kRollData, true),
                       well({.database = progressing("RollingOut")}), "RollingOut"}),
    [](const auto& info) { return info.param.name; });

TEST(Unfinished, IsNotAskedOfPodsThatNobodyScales) {
  const auto fixed =
      as_tier(Tier::kGrowth, "{tier: MVP, backend: {autoscaling: {type: None}}}", {.replicas = 7});
  EXPECT_THAT(unfinished(a_move(Step::kShrink), fixed, fixed, well({.replicas = 9})), IsEmpty());
}

}  // namespace
}  // namespace promptsales::controllers
