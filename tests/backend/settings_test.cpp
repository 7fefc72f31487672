#include "backend/settings.hpp"

#include <gtest/gtest.h>

#include "backend/cpus.hpp"

namespace promptsales::backend {
namespace {

Environment only(std::string name, std::string value) {
  return [=](const std::string& asked) { return asked == name ? std::optional{value} : std::nullopt; };
}

TEST(Settings, DefaultsServeOnTheContractsPorts) {
  const auto settings = read_settings(only("", ""), 2);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->http_port, 8080);
  EXPECT_EQ(settings->admin_port, 9090);
  EXPECT_EQ(settings->loops, 2U);
  EXPECT_EQ(settings->drain, std::chrono::seconds{5});
  EXPECT_FALSE(settings->access_log);
}

TEST(Settings, AtMostFourLoopsAndNoneWithoutAConnection) {
  EXPECT_EQ(read_settings(only("", ""), 64)->loops, 4U);
  EXPECT_EQ(read_settings(only("PROMPTSALES_DB_POOL_SIZE", "1"), 4)->loops, 1U);
}

class BadSetting : public testing::TestWithParam<std::pair<const char*, const char*>> {};
TEST_P(BadSetting, IsNamedInTheMessage) {
  const auto [name, value] = GetParam();
  const auto settings = read_settings(only(name, value), 1);
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message.find(name), std::string::npos) << settings.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Variables, BadSetting,
    testing::Values(std::pair{"PROMPTSALES_HTTP_PORT", "http"}, std::pair{"PROMPTSALES_HTTP_PORT", "65536"},
                    std::pair{"PROMPTSALES_ADMIN_PORT", "-1"}, std::pair{"PROMPTSALES_ADMIN_PORT", "8080"},
                    std::pair{"PROMPTSALES_LOOPS", "0"}, std::pair{"PROMPTSALES_LOOPS", "5"},
                    std::pair{"PROMPTSALES_DB_POOL_SIZE", "0"}, std::pair{"PROMPTSALES_DRAIN_SECONDS", "5s"},
                    std::pair{"PROMPTSALES_LOG_LEVEL", "loud"}, std::pair{"PROMPTSALES_ACCESS_LOG", "yes"},
                    std::pair{"PROMPTSALES_MIGRATIONS", "never"}));

TEST(Cpus, QuotaIsRoundedUp) {
  EXPECT_EQ(cpus_of_quota("max 100000"), std::nullopt);
  EXPECT_EQ(cpus_of_quota(""), std::nullopt);
  EXPECT_EQ(cpus_of_quota("100000 100000"), 1U);
  EXPECT_EQ(cpus_of_quota("150000 100000"), 2U);
  EXPECT_EQ(cpus_of_quota("20000 100000"), 1U);
  EXPECT_GE(available_cpus(), 1U);
}

}  // namespace
}  // namespace promptsales::backend
