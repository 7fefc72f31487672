#include "backend/admin/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace promptsales::backend {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Clock::Instant kNow{1h};

Error lost(const char* how) { return {Remedy::kRetryWithBackoff, "ConnectionLost", how}; }

void make_ready(Health& health) {
  health.database.connected(0);
  health.migrated = true;
}

TEST(Readiness, NeedsDatabaseAndSchema) {
  Health health;
  const auto before = assess(health, {}, kNow);
  EXPECT_FALSE(before.ready);
  EXPECT_THAT(before.body, HasSubstr("database: not reachable"));
  EXPECT_THAT(before.body, HasSubstr("schema: not up to date yet"));
  make_ready(health);
  EXPECT_TRUE(assess(health, {}, kNow).ready);
}

TEST(Readiness, ForgivesALostDatabaseForAWhile) {
  Health health;
  make_ready(health);
  health.database.disconnected(0, lost("server closed"), kNow);
  EXPECT_TRUE(assess(health, {}, kNow + kDatabaseGrace - 1ms).ready);
  const auto after = assess(health, {}, kNow + kDatabaseGrace);
  EXPECT_FALSE(after.ready);
  EXPECT_EQ(nlohmann::json::parse(after.body)["database"]["error"], "server closed");
}

TEST(Readiness, NeedsTheDatabaseFromEveryLoop) {
  Health health{2};
  make_ready(health);
  EXPECT_FALSE(assess(health, {}, kNow).ready);
  health.database.connected(1);
  EXPECT_TRUE(assess(health, {}, kNow).ready);
  health.database.connected(1);
  health.database.disconnected(1, lost("one of two"), kNow);
  EXPECT_TRUE(assess(health, {}, kNow + 1h).ready);
  health.database.disconnected(1, lost("the last"), kNow);
  EXPECT_FALSE(assess(health, {}, kNow + kDatabaseGrace).ready);
}

TEST(Readiness, EndsWithTheDrain) {
  Health health;
  make_ready(health);
  health.draining = true;
  EXPECT_FALSE(assess(health, {}, kNow).ready);
}

TEST(Readiness, DoesNotNeedTheCacheButReportsIt) {
  Health health;
  make_ready(health);
  health.cache.failed_to_connect({Remedy::kRetryWithBackoff, "ConnectionRefused", "nothing listens"});
  const auto readiness = assess(health, {.cache = true}, kNow);
  EXPECT_TRUE(readiness.ready);
  const auto cache = nlohmann::json::parse(readiness.body)["cache"];
  EXPECT_EQ(cache["error"], "nothing listens");
  EXPECT_EQ(cache["cause"], "Unreachable");
}

TEST(Readiness, SaysOfAServiceWhetherItRefusesOrIsAway) {
  Health health;
  make_ready(health);
  health.messaging.failed_to_connect({Remedy::kWaitForSpecChange, "WrongPassword", "correct it"});
  const auto messaging = [&] {
    return nlohmann::json::parse(assess(health, {.messaging = true}, kNow).body)["messaging"];
  };
  EXPECT_EQ(messaging()["error"], "correct it");
  EXPECT_EQ(messaging()["cause"], "LoginRefused");
  health.messaging.connected(0);
  EXPECT_EQ(messaging()["reachable"], true);
  EXPECT_FALSE(messaging().contains("error"));
  health.messaging.disconnected(0, lost("lost"), kNow);
  EXPECT_EQ(messaging()["error"], "lost");
  EXPECT_EQ(messaging()["cause"], "Unreachable");
  health.messaging.failed_to_connect({Remedy::kWaitForSpecChange, "CertificateNotTrusted", "put it there"});
  EXPECT_FALSE(messaging().contains("cause")) << "that is neither";
  EXPECT_EQ(nlohmann::json::parse(assess(health, {}, kNow).body)["messaging"]["bound"], false);
}

TEST(Readiness, ForgetsARefusedLoginWhenAConnectionIsLetIn) {
  Health health;
  make_ready(health);
  const auto refused = [&] {
    return nlohmann::json::parse(assess(health, {}, kNow).body)["database"].value("login_refused", "");
  };
  health.database.tried_to_log_in(failure(Remedy::kWaitForSpecChange, "WrongPassword", "correct it"));
  EXPECT_EQ(refused(), "correct it");
  health.database.tried_to_log_in(Failure{lost("no answer")});
  EXPECT_EQ(refused(), "correct it") << "that is no news";
  health.database.connected(0);
  EXPECT_EQ(refused(), "");
}

TEST(Readiness, SaysWhyTheSchemaIsNotThere) {
  Health health;
  health.migration_error.with([](std::string& text) { text = "was \"changed\""; });
  EXPECT_EQ(nlohmann::json::parse(assess(health, {}, kNow).body)["schema"]["error"], "was \"changed\"");
}

}  // namespace
}  // namespace promptsales::backend
