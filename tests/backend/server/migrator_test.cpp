#include "backend/server/migrator.hpp"

#include <gtest/gtest.h>

#include "backend/db/migrate.hpp"
#include "base/guarded.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

using ServicePtr = std::shared_ptr<const DatabaseService>;

ServicePtr database_of(const PostgresServer& server, const std::string& name) {
  auto service = server.service();
  if (!name.empty()) service.database = name;
  return std::make_shared<const DatabaseService>(std::move(service));
}

class WaitingForAJob : public ::testing::Test {
 protected:
  WaitingForAJob() { EXPECT_TRUE(migrate(*database_of(postgres_, ""))); }

  void move_to(ServicePtr service) {
    in_use_.with([&](ServicePtr& now) { now = std::move(service); });
  }
  [[nodiscard]] bool becomes(bool migrated) const {
    return eventually([&] { return health_.migrated == migrated; });
  }

  const PostgresServer postgres_;
  Health health_;
  Guarded<ServicePtr> in_use_{database_of(postgres_, "")};
  const Migrator migrator_{[this] { return in_use_.with([](const auto& now) { return now; }); },
                           Migrations::kJob, health_};
};

TEST_F(WaitingForAJob, ASchemaThatIsUpToDateSaysNothingOfAnotherDatabase) {
  ASSERT_TRUE(becomes(true));
  (void)postgres_.ask("CREATE DATABASE other");
  move_to(database_of(postgres_, "other"));
  EXPECT_TRUE(becomes(false));
  ASSERT_TRUE(migrate(*database_of(postgres_, "other")));
  EXPECT_TRUE(becomes(true));
}

TEST_F(WaitingForAJob, ADatabaseThatCannotBeReachedIsNotUpToDate) {
  ASSERT_TRUE(becomes(true));
  auto nowhere = postgres_.service();
  nowhere.port = 1;
  move_to(std::make_shared<const DatabaseService>(nowhere));
  EXPECT_TRUE(becomes(false));
}

TEST_F(WaitingForAJob, TablesThatAreLostWithABackupAreNoticedWhenTheDatabaseIsBack) {
  ASSERT_TRUE(becomes(true));
  (void)postgres_.ask("DROP TABLE schema_migrations");
  health_.database.connected(0);  // the first connection after none
  EXPECT_TRUE(becomes(false));
}

}  // namespace
}  // namespace promptsales::backend
