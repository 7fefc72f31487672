#include "backend/admin/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace promptsales::backend {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Clock::Instant kNow{1h};

void make_ready(Health& health) {
  health.database.connected(0);
  health.migrated = true;
}

TEST(Readiness, NeedsDatabaseAndSchema) {
  Health health;
  const auto before = assess(health, false, kNow);
  EXPECT_FALSE(before.ready);
  EXPECT_THAT(before.body, HasSubstr("database: not reachable"));
  EXPECT_THAT(before.body, HasSubstr("schema: not up to date yet"));
  make_ready(health);
  EXPECT_TRUE(assess(health, false, kNow).ready);
}

TEST(Readiness, ForgivesALostDatabaseForAWhile) {
  Health health;
  make_ready(health);
  health.database.disconnected(0, "server closed", kNow);
  EXPECT_TRUE(assess(health, false, kNow + kDatabaseGrace - 1ms).ready);
  const auto after = assess(health, false, kNow + kDatabaseGrace);
  EXPECT_FALSE(after.ready);
  EXPECT_EQ(nlohmann::json::parse(after.body)["database"]["error"], "server closed");
}

TEST(Readiness, NeedsTheDatabaseFromEveryLoop) {
  Health health{2};
  make_ready(health);
  EXPECT_FALSE(assess(health, false, kNow).ready);
  health.database.connected(1);
  EXPECT_TRUE(assess(health, false, kNow).ready);
  health.database.connected(1);
  health.database.disconnected(1, "one of two", kNow);
  EXPECT_TRUE(assess(health, false, kNow + 1h).ready);
  health.database.disconnected(1, "the last", kNow);
  EXPECT_FALSE(assess(health, false, kNow + kDatabaseGrace).ready);
}

TEST(Readiness, EndsWithTheDrain) {
  Health health;
  make_ready(health);
  health.draining = true;
  EXPECT_FALSE(assess(health, false, kNow).ready);
}

TEST(Readiness, DoesNotNeedTheCacheButReportsIt) {
  Health health;
  make_ready(health);
  health.cache.failed_to_connect("refused");
  const auto readiness = assess(health, true, kNow);
  EXPECT_TRUE(readiness.ready);
  EXPECT_EQ(nlohmann::json::parse(readiness.body)["cache"]["error"], "refused");
}

TEST(Readiness, SaysWhyTheSchemaIsNotThere) {
  Health health;
  health.migration_error.with([](std::string& text) { text = "was \"changed\""; });
  EXPECT_EQ(nlohmann::json::parse(assess(health, false, kNow).body)["schema"]["error"], "was \"changed\"");
}

}  // namespace
}  // namespace promptsales::backend
