#include "backend/db/binary.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace promptsales::backend {
namespace {

TEST(PgBinary, IntegersAreInNetworkOrder) {
  std::string out;
  append_int32(out, -2);
  append_int64(out, 0x0102030405060708);
  EXPECT_EQ(out, std::string("\xFF\xFF\xFF\xFE\x01\x02\x03\x04\x05\x06\x07\x08", 12));
  EXPECT_EQ(read_int32(out.substr(0, 4)), -2);
  EXPECT_EQ(read_int64(out.substr(4)), 0x0102030405060708);
  EXPECT_FALSE(read_int32("abc"));
}

TEST(PgBinary, TimeCountsFrom2000) {
  EXPECT_EQ(pg_time(*parse_timestamp("2000-01-01T00:00:01Z")), 1'000'000);
  EXPECT_EQ(from_pg_time(-1), *parse_timestamp("1999-12-31T23:59:59.999999Z"));
}

TEST(PgBinary, TextArraysComeBack) {
  for (const auto& items : {std::vector<std::string>{}, {"a"}, {"", "b\"{,", "ä"}}) {
    std::string out;
    append_text_array(out, items);
    EXPECT_EQ(read_text_array(out), items);
    if (!items.empty()) {
      EXPECT_FALSE(read_text_array(std::string_view{out}.substr(0, out.size() - 1)));
    }
  }
  EXPECT_FALSE(read_text_array(""));
}

}  // namespace
}  // namespace promptsales::backend
