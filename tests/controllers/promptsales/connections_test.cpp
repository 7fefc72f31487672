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
            State::kExceeded, "the database has 20 for them"}),
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
