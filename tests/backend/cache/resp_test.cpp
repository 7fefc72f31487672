#include "backend/cache/resp.hpp"

#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

using List = std::vector<RespValue>;

const std::string kStream =
    "+OK\r\n$5\r\na\r\nbc\r\n:-7\r\n$-1\r\n*3\r\n$1\r\nx\r\n$-1\r\n*1\r\n:1\r\n-ERR no\r\n$0\r\n\r\n*0\r\n";

const List kValues{
    RespValue{std::string{"OK"}},
    RespValue{std::string{"a\r\nbc"}},
    RespValue{std::int64_t{-7}},
    RespValue{},
    RespValue{List{RespValue{std::string{"x"}}, RespValue{}, RespValue{List{RespValue{std::int64_t{1}}}}}},
    RespValue{RespValue::ErrorText{"ERR no"}},
    RespValue{std::string{}},
    RespValue{List{}}};

void take_all(RespDecoder& decoder, List& into) {
  while (auto value = decoder.next()) into.push_back(std::move(*value));
}

TEST(RespDecoder, GivesTheSameForEverySplitInThree) {
  for (std::size_t first = 0; first <= kStream.size(); ++first) {
    for (std::size_t second = first; second <= kStream.size(); ++second) {
      RespDecoder decoder;
      List values;
      for (const auto& part :
           {kStream.substr(0, first), kStream.substr(first, second - first), kStream.substr(second)}) {
        decoder.append(part);
        take_all(decoder, values);
      }
      ASSERT_EQ(values, kValues) << first << " " << second;
    }
  }
}

TEST(RespDecoder, GivesTheSameByteByByte) {
  RespDecoder decoder;
  List values;
  for (const char c : kStream) {
    decoder.append({&c, 1});
    take_all(decoder, values);
  }
  EXPECT_EQ(values, kValues);
}

class BrokenResp : public testing::TestWithParam<const char*> {};
TEST_P(BrokenResp, IsSeenAndStaysBroken) {
  RespDecoder decoder;
  decoder.append(GetParam());
  EXPECT_FALSE(decoder.next());
  EXPECT_TRUE(decoder.broken());
  decoder.append("+OK\r\n");
  EXPECT_FALSE(decoder.next());
}
INSTANTIATE_TEST_SUITE_P(Bytes, BrokenResp,
                         testing::Values("HTTP/1.1 400\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "$1\r\nabc",
                                         ":1x\r\n", "\r\n", "$99999999999\r\n",
                                         "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"));

TEST(RespCommand, IsAnArrayOfBulkStrings) {
  std::string out;
  append_command(out, {"SET", "k", "a\r\nb"});
  EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n");
}

}  // namespace
}  // namespace promptsales::backend
