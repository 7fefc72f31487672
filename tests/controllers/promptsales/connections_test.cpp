#include "controllers/promptsales/connections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/tiers.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::failed;
using promptsales::testing::from_yaml;
using ::testing::HasSubstr;
using State = ConnectionBudget::State;

Effective effective_of(const std::string& spec) { return effective(a_promptsales(spec), "backend:default"); }

struct BudgetCase {
  std::string name;
  std::string spec;
  State state;
  std::string says;
};

void PrintTo(const BudgetCase& row, std::ostream* out) { *out << row.spec; }

/// Tier Scale with poolers.
std::string scale(const std::string& pooler, int max_replicas = 24) {
  return "{tier: Scale, backend: {autoscaling: {maxReplicas: " + std::to_string(max_replicas) +
         "}}, database: {type: CloudNativePG, cloudNativePG: {pooler: {" + pooler + "}}}}";
}

class Budget : public ::testing::TestWithParam<BudgetCase> {};

TEST_P(Budget, ComparesPodsWithConnections) {
  const auto budget = connection_budget(effective_of(GetParam().spec));
  EXPECT_EQ(budget.state, GetParam().state) << budget.message;
  EXPECT_THAT(budget.message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Specs, Budget,
    ::testing::Values(
        BudgetCase{"Mvp", "tier: MVP", State::kWithin,
                   "3 replicas and 1 more during a roll-out open up to 41 of the 90 database connections"},
        BudgetCase{"AsManyPodsAsConnections", "{tier: MVP, backend: {autoscaling: {maxReplicas: 71}}}",
                   State::kWithin, "open up to 90 of the 90"},
        BudgetCase{
            "OnePodMore", "{tier: MVP, backend: {autoscaling: {maxReplicas: 72}}}", State::kExceeded,
            "72 replicas and 18 more during a roll-out need 91 database connections, and the database has "
            "90 for them: lower spec.backend.autoscaling.maxReplicas"},
        BudgetCase{"MoreConnections",
                   "{tier: MVP, backend: {autoscaling: {maxReplicas: 100}}, database: {type: Embedded, "
                   "maxConnections: 200}}",
                   State::kWithin, "of the 190"},
        BudgetCase{"FixedNumberOfPods", "{tier: MVP, backend: {autoscaling: {type: None, minReplicas: 100}}}",
                   State::kExceeded, "100 replicas"},
        BudgetCase{"DatabaseOfOthers", "{tier: MVP, database: {type: Secret, secretRef: {name: db}}}",
                   State::kUnknown, "set spec.database.maxConnections"},
        BudgetCase{
            "DatabaseOfOthersWithALimit",
            "{tier: MVP, backend: {autoscaling: {maxReplicas: 24}}, database: {type: Secret, secretRef: "
            "{name: db}, maxConnections: 30}}",
            State::kExceeded, "the database has 20 for them"},
        BudgetCase{"ClusterOfOthers",
                   "{tier: MVP, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}}",
                   State::kUnknown, "set spec.database.maxConnections"},
        BudgetCase{"Poolers", scale("instances: 2"), State::kWithin,
                   "24 replicas and 6 more during a roll-out open up to 301 of the 2000 connections that 2 "
                   "poolers can take, which open up to 52 of the 90 database connections"},
        BudgetCase{"OnePooler", scale("instances: 1"), State::kWithin,
                   "of the 1000 connections that 1 pooler"},
        BudgetCase{
            "PoolersThatMultiplexNothing", scale("instances: 2, poolMode: session", 80), State::kExceeded,
            "80 replicas and 20 more during a roll-out need 101 connections, and 2 poolers can take 88: "
            "lower spec.backend.autoscaling.maxReplicas, or give the database more "
            "(spec.database.maxConnections), or set spec.database.cloudNativePG.pooler.poolMode to "
            "transaction"},
        BudgetCase{
            "MorePodsThanAPoolerTakes",
            "{tier: Scale, backend: {autoscaling: {maxReplicas: 900}}, database: {type: CloudNativePG, "
            "cloudNativePG: {pooler: {instances: 1}}}}",
            State::kExceeded,
            "need 1126 connections, and 1 pooler can take 1000: lower "
            "spec.backend.autoscaling.maxReplicas, or raise "
            "spec.database.cloudNativePG.pooler.instances; until then fewer replicas are allowed"},
        BudgetCase{
            "MorePoolersThanTheServerTakes",
            "{tier: Scale, database: {type: CloudNativePG, maxConnections: 20, cloudNativePG: {pooler: "
            "{instances: 8}}}}",
            State::kExceeded,
            "8 poolers need 16 database connections, and the database has 10 for them: lower "
            "spec.database.cloudNativePG.pooler.instances, or give the database more "
            "(spec.database.maxConnections); until then there are 5"},
        BudgetCase{"MachineOfAProvider", "{tier: MVP, database: {type: ACK, ack: {region: r}}}",
                   State::kWithin, "open up to 41 of the 60 database connections"},
        BudgetCase{
            "MachineThatNobodyKnows",
            "{tier: MVP, database: {type: ACK, ack: {region: r, instanceClass: db.x9.huge}}}",
            State::kUnknown,
            "how many the database accepts on db.x9.huge is not known: set spec.database.maxConnections"},
        BudgetCase{"MachineThatHasBeenToldAnotherNumber",
                   "{tier: MVP, database: {type: ACK, maxConnections: 30, ack: {region: r}}}", State::kWithin,
                   "of the 20 database connections"}),
    [](const auto& info) { return info.param.name; });

struct BoundCase {
  std::string name;
  std::optional<std::int64_t> before;
  int most;
};

void PrintTo(const BoundCase& row, std::ostream* out) { *out << row.name; }

class Bound : public ::testing::TestWithParam<BoundCase> {};

TEST_P(Bound, StaysWhereItWasOrAtWhatFits) {
  const auto bounded =
      within_budget(effective_of("{tier: MVP, backend: {autoscaling: {minReplicas: 50, maxReplicas: 500}}}"),
                    GetParam().before);
  EXPECT_EQ(bounded.backend.max_replicas, GetParam().most);
  EXPECT_LE(bounded.backend.min_replicas, bounded.backend.max_replicas);
  EXPECT_EQ(connection_budget(bounded).state, State::kWithin);
}

INSTANTIATE_TEST_SUITE_P(Before, Bound,
                         ::testing::Values(BoundCase{"ThatFits", 5, 5},
                                           BoundCase{"ThatIsTooMuchItself", 90, 71},
                                           BoundCase{"OfANewResource", std::nullopt, 71}),
                         [](const auto& info) { return info.param.name; });

// Fewer poolers, of which each has a connection to lend; the pods have what they need.
TEST(BoundOfPoolers, IsWhatTheServerTakes) {
  const auto bounded = within_budget(
      effective_of(
          "{tier: Scale, database: {type: CloudNativePG, maxConnections: 20, cloudNativePG: {pooler: "
          "{instances: 8}}}}"),
      std::nullopt);
  EXPECT_EQ(bounded.database.pooler_instances, 5);
  EXPECT_EQ(bounded.backend.max_replicas, 24);
  EXPECT_EQ(connection_budget(bounded).state, State::kWithin);
}

TEST(Poolers, LeaveTheServerWhatItNeedsItself) {
  for (const std::string mode : {"transaction", "session"})
    for (int instances = 1; instances <= 10; ++instances)
      for (const int limit : {20, 40, 100, 1000}) {
        const auto bounded = within_budget(
            effective_of("{tier: Scale, database: {type: CloudNativePG, maxConnections: " +
                         std::to_string(limit) + ", cloudNativePG: {pooler: {poolMode: " + mode +
                         ", instances: " + std::to_string(instances) + "}}}}"),
            std::nullopt);
        const auto& database = bounded.database;
        EXPECT_LE(database.pooler_instances * (pooler_connections(database) + 1),
                  limit - kReservedConnections)
            << mode << instances << " " << limit;
        EXPECT_GE(pooler_connections(database), 1);
      }
}

// Behind poolers pods share what they lend, so that their own pools need not be small.
TEST(Pools, AreAsLargeAsIsOfUseBehindPoolers) {
  EXPECT_EQ(effective_of(scale("instances: 2")).database.pool_size, 10);
  EXPECT_EQ(effective_of(scale("instances: 2, poolMode: session")).database.pool_size, 2);
  EXPECT_EQ(
      effective_of("{tier: Scale, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}}")
          .database.pooler_instances,
      0)
      << "nobody puts one in front of a Cluster of others";
}

// On whatever machine an Azure server comes to be, it goes on accepting as many connections as at first.
TEST(ConnectionsOfAzure, StayThoseOfTheSmallestMachineThatItHasHad) {
  const auto connections = [](const std::string& more, const std::string& before) {
    auto asked = effective_of(
        "{tier: Growth, database: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
        "resourceGroupRef: {name: g}}" +
        more + "}}");
    keep_connections(asked, from_yaml("effective: {database: {" + before + "}}"));
    return std::pair{asked.database.max_connections, asked.database.pool_size};
  };
  EXPECT_EQ(connections("", "").first, 1703);
  EXPECT_EQ(connections("", "type: AzureServiceOperator, maxConnections: 35"), std::pair(35L, 4L))
      << "made as MVP";
  EXPECT_EQ(connections("", "type: AzureServiceOperator, maxConnections: 3422").first, 1703)
      << "made as Scale";
  EXPECT_EQ(connections("", "type: AzureServiceOperator, maxConnections: 30").first, 1703)
      << "was said by hand";
  EXPECT_EQ(connections("", "type: Embedded, maxConnections: 35").first, 1703) << "another database";
  EXPECT_EQ(connections(", maxConnections: 500", "type: AzureServiceOperator, maxConnections: 35").first,
            500);
}

TEST(BoundOfTheStatus, IsTheLargestNumberOfPods) {
  EXPECT_EQ(
      replicas_bound_in(from_yaml("{effective: {backend: {autoscaling: {minReplicas: 2, maxReplicas: 7}}}}")),
      7);
  EXPECT_EQ(replicas_bound_in(from_yaml("{observedGeneration: -1}")), std::nullopt);
  EXPECT_EQ(replicas_bound_in(nullptr), std::nullopt);
}

ConnectionBudget exceeded() { return {State::kExceeded, "too many"}; }

TEST(BudgetInTheStatus, NeedsAPersonWhenItIsExceeded) {
  APass pass;
  pass.budget = exceeded();
  const auto update = pass.update();
  EXPECT_EQ(brief(update.status, "ConnectionBudget"), "False ConnectionBudgetExceeded");
  EXPECT_EQ(brief(update.status, "Ready"), "False ConnectionBudgetExceeded");
  EXPECT_EQ(brief(update.status, "Stalled"), "True ConnectionBudgetExceeded");
  EXPECT_EQ(brief(update.status, "BackendAvailable"), "True Available");
  EXPECT_TRUE(update.failing);
}

TEST(BudgetInTheStatus, GivesWayToWhatFails) {
  APass pass{"tier: MVP", {{"backend_deployment", failed("CrashLoop")}}};
  pass.budget = exceeded();
  EXPECT_EQ(brief(pass.status(), "Ready"), "False CrashLoop");
  EXPECT_EQ(brief(pass.status(), "ConnectionBudget"), "False ConnectionBudgetExceeded");
}

TEST(BudgetInTheStatus, IsNoObstacleWhereItIsNotKnown) {
  APass pass;
  pass.budget = ConnectionBudget{State::kUnknown, "not known"};
  EXPECT_EQ(brief(pass.status(), "ConnectionBudget"), "Unknown LimitUnknown");
  EXPECT_EQ(brief(pass.status(), "Ready"), "True Ready");
}

}  // namespace
}  // namespace promptsales::controllers
