#include "backend/json/writer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace promptsales::backend {
namespace {

TEST(JsonWriter, SetsCommasBetweenMembersAndItems) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("a").number(1).key("b").begin_array().string("x").null().boolean(true);
  json.begin_object().end_object().end_array().key("c").raw("{}").end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",null,true,{}],"c":{}})");
}

TEST(JsonWriter, WritesTheExtremeNumbers) {
  std::string out;
  JsonWriter{out}.begin_array().number(std::numeric_limits<std::int64_t>::min()).number(0).end_array();
  EXPECT_EQ(out, "[-9223372036854775808,0]");
}

TEST(JsonWriter, EveryByteBelow128SurvivesAParser) {
  std::string text;
  for (char c = 0; c >= 0 && c < 127; ++c) text += c;
  text += "\x7F äöü € \U0001F600";
  std::string out;
  append_json_string(out, text);
  EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
}

}  // namespace
}  // namespace promptsales::backend
