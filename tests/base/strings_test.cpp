#include "base/strings.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace promptsales {
namespace {

TEST(Base64, GivesBackWhatItTook) {
  const std::vector<std::string> texts{"",     "f",     "fo",     "foo",
                                       "foob", "fooba", "foobar", std::string("\0\xff\x80", 3)};
  for (const std::string& text : texts) EXPECT_EQ(base64_decode(base64_encode(text)), text);
}

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* bad : {"Z", "Zg=", "Zg===", "Z===", "Zm9v!bar", "Zg==Zg==", "Zm 9v"})
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ',').size(), 3U);
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(split("a,", ',').back(), "");
}

TEST(CutText, KeepsWhatFits) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abc", 2), "ab");
  EXPECT_EQ(cut_text("", 0), "");
}

TEST(CutText, EndsWithAWholeCharacter) {
  const std::string text = "a\u00e9\u20ac\U0001f680";  // characters of 1, 2, 3 and 4 bytes
  const std::size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (std::size_t bytes = 0; bytes <= 10; ++bytes)
    EXPECT_EQ(cut_text(text, bytes).size(), whole[bytes]) << bytes;
}

TEST(PercentEncode, LeavesOnlyUnreservedCharactersAsTheyAre) {
  EXPECT_EQ(percent_encode("app=a b/c~"), "app%3Da%20b%2Fc~");
}

}  // namespace
}  // namespace promptsales
