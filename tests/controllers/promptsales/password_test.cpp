#include "controllers/promptsales/password.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace promptsales::controllers {
namespace {

TEST(RandomPassword, IsOfLettersAndDigitsThatNothingReadsAsItsOwn) {
  const auto password = random_password();
  ASSERT_TRUE(password);
  EXPECT_EQ(password->size(), 32U);
  EXPECT_TRUE(
      std::ranges::all_of(*password, [](unsigned char c) { return c < 128 && std::isalnum(c) != 0; }));
}

TEST(RandomPassword, IsAnotherEveryTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_password().value()).second);
}

// 2000 passwords are 64000 characters, 1032 of each of the 62 on average, with a deviation of 32. Without the
// rejection of bytes above 248, the first eight would come 1250 times.
TEST(RandomPassword, FavoursNoCharacter) {
  std::map<char, int> counts;
  for (int i = 0; i < 2000; ++i) {
    const auto password = random_password();
    ASSERT_TRUE(password);
    for (const char c : *password) ++counts[c];
  }
  EXPECT_EQ(counts.size(), 62U);
  for (const auto& [c, count] : counts) {
    EXPECT_GT(count, 1032 - 200) << c;
    EXPECT_LT(count, 1032 + 200) << c;
  }
}

}  // namespace
}  // namespace promptsales::controllers
