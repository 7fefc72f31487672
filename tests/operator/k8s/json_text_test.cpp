#include "operator/k8s/json_text.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

TEST(JsonText, IsThatOfTheLibrary) {
  std::string every_byte;
  for (char c = 1; c != 127; ++c) every_byte += c;
  every_byte += '\x7F';
  every_byte += '\0';
  const Json value{{"empty", {{"object", Json::object()}, {"array", Json::array()}, {"string", ""}}},
                   {"numbers", {0, -1, INT64_MAX, INT64_MIN, UINT64_MAX, 0.5, -1e300, 3.0, 1.0 / 3}},
                   {"words", {true, false, nullptr}},
                   {"quote\"d", "a \"b\" \\ c\nd"},
                   {"bytes", every_byte},
                   {"beyond", "\xC3\xA9 \n\" \xE2\x82\xAC \xF0\x9F\x98\x80 \n"}};
  EXPECT_EQ(json_text(value), value.dump());
  for (const Json& each : value) EXPECT_EQ(json_text(each), each.dump());
}

TEST(JsonText, OfWhatIsNotUtf8IsRefusedAsTheLibraryRefusesIt) {
  EXPECT_THROW((void)json_text(Json{"\xFF"}), Json::type_error);
  EXPECT_THROW((void)json_text(Json{"a\n\xC3"}), Json::type_error);
}

}  // namespace
}  // namespace promptsales::k8s
