#include "backend/logic/timestamp.hpp"

#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

struct TimeCase {
  const char* name;
  const char* text;
  const char* utc;
};

class GoodTime : public testing::TestWithParam<TimeCase> {};
TEST_P(GoodTime, IsReadAsUtc) {
  const auto at = parse_timestamp(GetParam().text);
  ASSERT_TRUE(at);
  EXPECT_EQ(to_string(*at), GetParam().utc);
  EXPECT_EQ(parse_timestamp(to_string(*at)), at);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, GoodTime,
    testing::Values(TimeCase{"Zulu", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000000Z"},
                    TimeCase{"EastOfGreenwich", "2026-03-01T00:30:00+02:00", "2026-02-28T22:30:00.000000Z"},
                    TimeCase{"WestOfGreenwich", "2026-02-28T22:30:00-03:30", "2026-03-01T02:00:00.000000Z"},
                    TimeCase{"LowerCase", "2026-03-01t09:30:00z", "2026-03-01T09:30:00.000000Z"},
                    TimeCase{"ShortFraction", "2026-03-01T09:30:00.5Z", "2026-03-01T09:30:00.500000Z"},
                    TimeCase{"NanosecondsAreCut", "2026-03-01T09:30:00.123456999Z",
                             "2026-03-01T09:30:00.123456Z"},
                    TimeCase{"LeapDay", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000000Z"},
                    TimeCase{"BeforeTheEpoch", "1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250000Z"}),
    [](const auto& c) { return std::string{c.param.name}; });

class BadTime : public testing::TestWithParam<const char*> {};
TEST_P(BadTime, IsRefused) { EXPECT_FALSE(parse_timestamp(GetParam())); }
INSTANTIATE_TEST_SUITE_P(
    Texts, BadTime,
    testing::Values("", "2026-03-01", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-02-29T00:00:00Z",
                    "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z",
                    "2026-03-01T23:59:60Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00+0200",
                    "2026-03-01T09:30:00+24:00", "2026-03-01T09:30:00Zx", "0000-03-01T09:30:00Z",
                    "26-03-01T09:30:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"));

}  // namespace
}  // namespace promptsales::backend
