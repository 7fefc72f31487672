#include "controllers/promptsales/cost.hpp"

#include <gtest/gtest.h>

#include "controllers/promptsales/tiers.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::APass;

Effective effective_of(const std::string& spec) { return effective(a_promptsales(spec), "backend:default"); }

PriceSheet sheet(const char* cpu, const char* memory, const char* storage, const char* balancer = "0") {
  return {"USD", *Price::parse(cpu), *Price::parse(memory), *Price::parse(storage), *Price::parse(balancer)};
}

struct PriceCase {
  std::string name;
  std::string text;
  std::optional<Price> price;
};

void PrintTo(const PriceCase& row, std::ostream* out) { *out << '"' << row.text << '"'; }

class APrice : public ::testing::TestWithParam<PriceCase> {};

TEST_P(APrice, IsExact) { EXPECT_EQ(Price::parse(GetParam().text), GetParam().price); }

INSTANTIATE_TEST_SUITE_P(
    Texts, APrice,
    ::testing::Values(
        PriceCase{"Whole", "12", Price{12'000'000'000}}, PriceCase{"Fraction", "0.0316", Price{31'600'000}},
        PriceCase{"Smallest", "0.000000001", Price{1}}, PriceCase{"Zero", "0", Price{0}},
        PriceCase{"Empty", "", std::nullopt}, PriceCase{"TooFine", "0.0000000001", std::nullopt},
        PriceCase{"TooLarge", "1234567", std::nullopt}, PriceCase{"Negative", "-1", std::nullopt},
        PriceCase{"NoDigitBeforeThePoint", ".5", std::nullopt},
        PriceCase{"NoDigitAfterThePoint", "5.", std::nullopt}, PriceCase{"TwoPoints", "1.2.3", std::nullopt},
        PriceCase{"Exponent", "1e3", std::nullopt}, PriceCase{"Word", "free", std::nullopt}),
    [](const auto& info) { return info.param.name; });

// MVP: 2 to 3 pods of 0.25 CPU and 0.25 GiB, a database of 1 CPU, 1 GiB and 20 GiB, a cache of 0.1 CPU and
// 0.25 GiB.
TEST(Cost, IsThatOfAllRequestsForAMonth) {
  const auto mvp = effective_of("tier: MVP");
  const auto cpu = cost_of(mvp, 2, false, sheet("1", "0", "0"));
  EXPECT_EQ(cpu.monthly_min, "1168.00");  // 730 x 1.6
  EXPECT_EQ(cpu.monthly_max, "1350.50");  // 730 x 1.85
  EXPECT_EQ(cpu.current, "1168.00");
  EXPECT_EQ(cpu.currency, "USD");
  EXPECT_EQ(cost_of(mvp, 2, false, sheet("0", "1", "0")).monthly_min, "1277.50");  // 730 x 1.75
  EXPECT_EQ(cost_of(mvp, 2, false, sheet("0", "0", "0.1")).monthly_max, "2.00");
}

TEST(Cost, FollowsThePodsThatThereAre) {
  const auto mvp = effective_of("tier: MVP");
  EXPECT_EQ(cost_of(mvp, 0, false, sheet("1", "0", "0")).current, "803.00");
  EXPECT_EQ(cost_of(mvp, 3, false, sheet("1", "0", "0")).current, "1350.50");
}

TEST(Cost, HasALoadBalancerOnlyWhereThereIsOne) {
  const auto mvp = effective_of("tier: MVP");
  EXPECT_EQ(cost_of(mvp, 2, false, sheet("0", "0", "0", "18.25")).monthly_min, "0.00");
  EXPECT_EQ(cost_of(mvp, 2, true, sheet("0", "0", "0", "18.25")).monthly_min, "18.25");
}

TEST(Cost, IsRoundedOnceAndAtTheEnd) {
  const auto fixed = effective_of("{tier: MVP, backend: {autoscaling: {type: None, minReplicas: 1}}}");
  EXPECT_EQ(cost_of(fixed, 1, false, sheet("0", "0", "0.00025")).monthly_min, "0.01");  // half a cent
  EXPECT_EQ(cost_of(fixed, 1, false, sheet("0", "0", "0.000249999")).monthly_min, "0.00");
}

// Of the same servers as the Warning about the tier's machines.
TEST(Cost, HasEveryServerThatTheResourceHasHere) {
  const std::string three = "type: CloudNativePG, highAvailability: Enabled, readReplicas: 2, storage: 10Gi";
  const auto storage = [](const std::string& spec) {
    return cost_of(effective_of(spec), 2, false, sheet("0", "0", "1")).current;
  };
  EXPECT_EQ(storage("{tier: MVP, database: {" + three + "}}"), "30.00");
  EXPECT_EQ(storage("{tier: MVP, messaging: {type: Embedded}}"), "30.00") << "20Gi and 10Gi";
  EXPECT_EQ(storage("{tier: MVP, database: {" + three + ", cloudNativePG: {clusterRef: {name: c}}}}"),
            "0.00");
  EXPECT_EQ(storage("{tier: Growth, database: {type: ACK, ack: {region: r}}}"), "0.00");
}

TEST(Cost, OfServicesOfOthersIsNotOurs) {
  const auto external = effective_of("{tier: MVP, database: {type: Secret, secretRef: {name: db}}}");
  EXPECT_EQ(cost_of(external, 2, false, sheet("0", "0", "1")).monthly_max, "0.00");
}

TEST(Cost, OfAnythingHasRoomInTheStatus) {
  auto huge = effective_of("{tier: MVP, backend: {autoscaling: {maxReplicas: 1000}}}");
  huge.backend.resources.requests["cpu"] = "1000000";
  EXPECT_EQ(cost_of(huge, 2, false, sheet("999999", "0", "0")).monthly_max, "99999999999.99");
}

TEST(CostInTheStatus, IsThereWithAPriceSheetOnly) {
  APass pass;
  EXPECT_FALSE(pass.status().contains("cost"));
  pass.cost = Cost{"1.00", "2.00", "1.50", "USD"};
  const Json want{{"monthlyMin", "1.00"}, {"monthlyMax", "2.00"}, {"current", "1.50"}, {"currency", "USD"}};
  EXPECT_EQ(pass.status().at("cost"), want);
  pass.cost->currency.clear();
  EXPECT_FALSE(pass.status().at("cost").contains("currency"));
}

TEST(CostInTheStatus, StaysWhileNothingIsLookedAt) {
  APass priced;
  priced.cost = Cost{"1.00", "2.00", "1.50", ""};
  const auto status = priced.status();
  EXPECT_EQ(APass{}.after(status).stopped_by(Remedy::kWaitForSpecChange, "Suspended").status().at("cost"),
            status.at("cost"));
}

}  // namespace
}  // namespace promptsales::controllers
