#include "operator/k8s/json_scanner.hpp"

#include <gtest/gtest.h>

#include "operator/k8s/projection.hpp"

namespace promptsales::k8s {
namespace {

std::string object_with(const std::string& value) { return R"({"metadata":{"name":"n"},"v":)" + value + "}"; }

class AJsonText : public ::testing::TestWithParam<std::string> {};

TEST_P(AJsonText, IsReadAsTheDomReadsIt) {
  const std::string text = object_with(GetParam());
  const auto read = project(text, Keep{});
  ASSERT_EQ(read.has_value(), Json::accept(text)) << text;
  if (!read) return;
  EXPECT_EQ((*read)->document(), Json::parse(text));
}

INSTANTIATE_TEST_SUITE_P(Good, AJsonText,
                         ::testing::Values("0", "-0", "-1", "9223372036854775807", "-9223372036854775808",
                                           "0.5", "-1.25e-3", "1E+2", "1e300", "1e-400", "-2e-324",
                                           "123456789012345678901234567890", "true", "false", "null", "[]",
                                           "{}", "[ ]", "{ }", "[[],{}]", " [ 1 ,\t2\n,\r3 ] ",
                                           R"({"a":{"b":[{"c":null}]},"d":""})", R"("\"\\\/\b\f\n\r\t")",
                                           R"("A\u00e9\u20AC\ud83d\ude00\u0000")",
                                           "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7F\"",
                                           R"({"\u0061":1})"));
INSTANTIATE_TEST_SUITE_P(Bad, AJsonText,
                         ::testing::Values("", "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "tru", "True",
                                           "nulll", "[1,]", "[,1]", "[1 2]", "[1", "[1}", "{\"a\"}",
                                           "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1", "{1:1}", "\"open",
                                           "\"tab\t\"", "\"line\n\"", R"("\x")", R"("\u12")", R"("\u12G4")",
                                           R"("\ud800")", R"("\ud800\u0041")", R"("\udc00")", "\"\\", "'a'",
                                           "\"\xFF\"", "\"\xC0\xAF\"", "\"\xC3\"", "\"\xE2\x82\"",
                                           "\"\xED\xA0\x80\"", "\"\xE0\x80\x80\"", "\"\xF4\x90\x80\x80\"",
                                           "\"\xF0\x80\x80\x80\"", "\"\xF5\x80\x80\x80\"", "\"\x80\"", "1 1",
                                           "1e999", "/**/1"));

TEST(JsonScanner, PassesOverWhatNobodyWants) {
  const std::string text =
      R"({"metadata":{"name":"n","managedFields":[{"a":"]}\\","b":"\"]"},[[]]],"labels":{"a":"b"}},"v":{"w":[1]},"k":2})";
  EXPECT_EQ(project(text, Keep{"metadata", "k"}).value()->document(),
            (Json{{"metadata", {{"name", "n"}, {"labels", {{"a", "b"}}}}}, {"k", 2}}));
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(project(text.substr(0, length), Keep{"metadata", "k"})) << length;
}

TEST(JsonScanner, SaysWhereATextBreaksOff) {
  const auto broken = project(R"({"metadata":?})", Keep{});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("not JSON at byte 12"), std::string::npos) << broken.error().message;
}

}  // namespace
}  // namespace promptsales::k8s
