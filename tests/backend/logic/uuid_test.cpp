#include "backend/logic/uuid.hpp"

#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

TEST(Uuid, TextAndBytesAgreeBothWays) {
  const auto id = parse_uuid("0190163d-8694-739B-aea5-966c26f8ad91");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[0], 0x01);
  EXPECT_EQ(id->bytes[15], 0x91);
  EXPECT_EQ(to_string(*id), "0190163d-8694-739b-aea5-966c26f8ad91");
}

class BadUuid : public testing::TestWithParam<const char*> {};
TEST_P(BadUuid, IsRefused) { EXPECT_FALSE(parse_uuid(GetParam())); }
INSTANTIATE_TEST_SUITE_P(
    Texts, BadUuid,
    testing::Values("", "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d8694739baea5966c26f8ad91",
                    "0190163d-8694-739b-aea5-966c26f8ad911", "0190163d-8694-739b-aea5-966c26f8ad9g",
                    "{190163d-8694-739b-aea5-966c26f8ad9}", "0190163d86-94-739b-aea5-966c26f8ad91"));

TEST(UuidV7, CarriesTheMillisecondVersionAndVariant) {
  const Clock::WallTime at{
      std::chrono::milliseconds{0x017F22E279B0}};  // the example of RFC 9562, appendix A.6
  const auto id = uuid_v7(at, {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F});
  EXPECT_EQ(to_string(id), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidV7, SortsByTimeAsBytesAndAsText) {
  const auto early = uuid_v7(Clock::WallTime{std::chrono::milliseconds{1'000}}, {255, 255, 255});
  const auto late = uuid_v7(Clock::WallTime{std::chrono::milliseconds{1'001}}, {});
  EXPECT_LT(early, late);
  EXPECT_LT(to_string(early), to_string(late));
}

}  // namespace
}  // namespace promptsales::backend
