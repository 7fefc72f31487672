#include "backend/logic/new_campaign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

using testing::ElementsAre;

TEST(NewCampaign, TakesEveryField) {
  const auto made = decode_new_campaign(
      R"({"name":"Spring","channels":["email","paid_social"],"budget":{"amount_minor":120000,"currency":"USD"},)"
      R"("starts_at":"2026-03-01T00:00:00Z","ends_at":"2026-04-01T00:00:00Z"})");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->name, "Spring");
  EXPECT_THAT(made->channels, ElementsAre("email", "paid_social"));
  EXPECT_EQ(made->budget, (Money{120000, "USD"}));
  EXPECT_LT(*made->starts_at, *made->ends_at);
}

TEST(NewCampaign, NeedsOnlyAName) {
  const auto made = decode_new_campaign(R"({"name":"Spring","budget":null})");
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->budget || made->starts_at || made->ends_at);
  EXPECT_TRUE(made->channels.empty());
}

TEST(NewCampaign, NameCountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "ä";
  EXPECT_TRUE(decode_new_campaign(R"({"name":")" + name + R"("})"));
  EXPECT_FALSE(decode_new_campaign(R"({"name":")" + name + R"(ä"})"));
}

struct FaultCase {
  const char* name;
  const char* body;
  const char* pointer;
};

class BadCampaign : public testing::TestWithParam<FaultCase> {};
TEST_P(BadCampaign, NamesTheField) {
  const auto made = decode_new_campaign(GetParam().body);
  ASSERT_FALSE(made);
  ASSERT_EQ(made.error().size(), 1U) << made.error().back().pointer;
  EXPECT_EQ(made.error().front().pointer, GetParam().pointer);
  EXPECT_FALSE(made.error().front().detail.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, BadCampaign,
    testing::Values(
        FaultCase{"NotJson", "{", "#"}, FaultCase{"Empty", "", "#"}, FaultCase{"AList", "[]", "#"},
        FaultCase{"InvalidUtf8", "{\"name\":\"\xFF\"}", "#"}, FaultCase{"NoName", "{}", "#/name"},
        FaultCase{"BlankName", R"({"name":"  "})", "#/name"},
        FaultCase{"NumberName", R"({"name":1})", "#/name"},
        FaultCase{"NulInName", R"({"name":"a\u0000b"})", "#/name"},
        FaultCase{"UnknownField", R"({"name":"a","nmae":"b"})", "#/nmae"},
        FaultCase{"SlashInUnknownField", R"({"name":"a","x/y~":1})", "#/x~1y~0"},
        FaultCase{"ChannelsNotAList", R"({"name":"a","channels":"email"})", "#/channels"},
        FaultCase{"ChannelUpperCase", R"({"name":"a","channels":["Email"]})", "#/channels"},
        FaultCase{"ChannelTwice", R"({"name":"a","channels":["email","email"]})", "#/channels"},
        FaultCase{"BudgetNotAnObject", R"({"name":"a","budget":5})", "#/budget"},
        FaultCase{"BudgetWithoutCurrency", R"({"name":"a","budget":{"amount_minor":5}})",
                  "#/budget/currency"},
        FaultCase{"BudgetWithoutAmount", R"({"name":"a","budget":{"currency":"USD"}})",
                  "#/budget/amount_minor"},
        FaultCase{"BudgetNegative", R"({"name":"a","budget":{"amount_minor":-1,"currency":"USD"}})",
                  "#/budget/amount_minor"},
        FaultCase{"BudgetFraction", R"({"name":"a","budget":{"amount_minor":1.0,"currency":"USD"}})",
                  "#/budget/amount_minor"},
        FaultCase{"BudgetTooLarge",
                  R"({"name":"a","budget":{"amount_minor":9223372036854775808,"currency":"USD"}})",
                  "#/budget/amount_minor"},
        FaultCase{"CurrencyLowerCase", R"({"name":"a","budget":{"amount_minor":1,"currency":"usd"}})",
                  "#/budget/currency"},
        FaultCase{"DateOnly", R"({"name":"a","starts_at":"2026-03-01"})", "#/starts_at"},
        FaultCase{"EndsWhenItStarts",
                  R"({"name":"a","starts_at":"2026-03-01T00:00:00Z","ends_at":"2026-03-01T00:00:00Z"})",
                  "#/ends_at"}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST(NewCampaign, ReportsAllFaultsAtOnce) {
  const auto made = decode_new_campaign(R"({"x":1,"channels":7,"starts_at":3})");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().size(), 4U);  // x, name, channels, starts_at
}

TEST(Campaign, JsonShowsWhatIsNotSetAsNull) {
  const auto campaign = make_campaign({.name = "a \"b\""}, Uuid{}, Timestamp{});
  std::string json;
  append_json(json, campaign);
  EXPECT_EQ(json,
            R"({"id":"00000000-0000-0000-0000-000000000000","name":"a \"b\"","status":"draft","channels":[],)"
            R"("budget":null,"starts_at":null,"ends_at":null,"version":1,)"
            R"("created_at":"1970-01-01T00:00:00.000000Z","updated_at":"1970-01-01T00:00:00.000000Z"})");
}

}  // namespace
}  // namespace promptsales::backend
