#include "backend/logic/cursor.hpp"

#include <gtest/gtest.h>

#include "backend/logic/page_query.hpp"
#include "backend/logic/tenant.hpp"

namespace promptsales::backend {
namespace {

const CursorKeys kKeys{"shared"};
const PagePosition kPosition{Timestamp{std::chrono::microseconds{-1'234'567}}, kDefaultOrg};

TEST(Cursor, ComesBackAsItWas) {
  const auto text = encode_cursor(kPosition, kDefaultOrg, kKeys.current);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            text.npos);
  EXPECT_EQ(decode_cursor(text, kDefaultOrg, kKeys), kPosition);
}

TEST(Cursor, NoSingleChangedCharacterIsAccepted) {
  const auto text = encode_cursor(kPosition, kDefaultOrg, kKeys.current);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    const auto read = decode_cursor(changed, kDefaultOrg, kKeys);
    // The last character holds two bits that mean nothing in base64: it may differ and still be the same
    // cursor.
    EXPECT_TRUE(!read || (i + 1 == text.size() && *read == kPosition)) << i;
  }
}

TEST(Cursor, BelongsToItsOrganizationAndKey) {
  const auto text = encode_cursor(kPosition, kDefaultOrg, kKeys.current);
  EXPECT_FALSE(decode_cursor(text, Uuid{}, kKeys));
  EXPECT_FALSE(decode_cursor(text, kDefaultOrg, CursorKeys{"other"}));
}

TEST(Cursor, OutlivesOneChangeOfTheSecret) {
  CursorKeys keys{"first"};
  const auto text = encode_cursor(kPosition, kDefaultOrg, keys.current);
  keys.follow("second");
  EXPECT_EQ(decode_cursor(text, kDefaultOrg, keys), kPosition);
  EXPECT_NE(encode_cursor(kPosition, kDefaultOrg, keys.current), text);
  keys.follow("third");
  EXPECT_FALSE(decode_cursor(text, kDefaultOrg, keys));
}

TEST(Cursor, RefusesWhatIsNotACursor) {
  for (const auto* text :
       {"", "AAAA", "====", "%20", "not a cursor", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    EXPECT_FALSE(decode_cursor(text, kDefaultOrg, kKeys)) << text;
}

TEST(PageQuery, DefaultsToTwentyFromTheStart) {
  const auto page = decode_page_query("", kDefaultOrg, kKeys);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->limit, 20);
  EXPECT_FALSE(page->after);
}

TEST(PageQuery, TakesLimitAndCursor) {
  const auto cursor = encode_cursor(kPosition, kDefaultOrg, kKeys.current);
  const auto page = decode_page_query("cursor=" + cursor + "&limit=100", kDefaultOrg, kKeys);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->limit, 100);
  EXPECT_EQ(page->after, kPosition);
}

class BadPageQuery : public testing::TestWithParam<std::pair<const char*, const char*>> {};
TEST_P(BadPageQuery, NamesTheParameter) {
  const auto [query, pointer] = GetParam();
  const auto page = decode_page_query(query, kDefaultOrg, kKeys);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().front().pointer, pointer);
}
INSTANTIATE_TEST_SUITE_P(Queries, BadPageQuery,
                         testing::Values(std::pair{"limit=0", "?limit"}, std::pair{"limit=101", "?limit"},
                                         std::pair{"limit=", "?limit"}, std::pair{"limit=1x", "?limit"},
                                         std::pair{"limit", "?limit"}, std::pair{"limit=5&limit=6", "?limit"},
                                         std::pair{"cursor=abc", "?cursor"},
                                         std::pair{"status=active", "?status"}));

}  // namespace
}  // namespace promptsales::backend
