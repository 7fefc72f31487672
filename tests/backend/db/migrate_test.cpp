#include "backend/db/migrate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/backend/support/servers.hpp"

namespace promptsales::backend {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(EmbeddedMigrations, AreNumberedFromOneWithoutGaps) {
  int expected = 1;
  for (const auto& migration : embedded_migrations())
    EXPECT_EQ(migration.version, expected++) << migration.name;
  EXPECT_GT(expected, 1);
}

TEST(Migrate, AppliesOnceAndSeedsTheDefaultOrganization) {
  const PostgresServer postgres;
  EXPECT_THAT(migrate(postgres.service()).value(), ElementsAre(1));
  EXPECT_THAT(migrate(postgres.service()).value(), IsEmpty());
  EXPECT_EQ(postgres.ask("SELECT count(*) FROM org"), "1");
  EXPECT_EQ(postgres.ask("SELECT length(checksum) FROM schema_migrations"), "64");
}

TEST(Migrate, AnyNumberOfReplicasMayStartAtOnce) {
  const PostgresServer postgres;
  std::vector<std::future<Result<std::vector<int>>>> replicas;
  for (int i = 0; i < 6; ++i)
    replicas.push_back(std::async(std::launch::async, [&] { return migrate(postgres.service()); }));
  std::size_t applied = 0;
  for (auto& replica : replicas) {
    const auto result = replica.get();
    ASSERT_TRUE(result) << result.error().message;
    applied += result->size();
  }
  EXPECT_EQ(applied, embedded_migrations().size());
}

TEST(Migrate, LeavesNothingOfAFailedStepAndKeepsTheEarlierOnes) {
  const PostgresServer postgres;
  const Migration steps[] = {{1, "0001_a", "CREATE TABLE a (x int)"},
                             {2, "0002_b", "CREATE TABLE b (x int); CREATE TABLE a (x int)"}};
  const auto result = migrate(postgres.service(), steps);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().remedy, Remedy::kShutDown);
  EXPECT_THAT(result.error().message, HasSubstr("0002_b"));
  EXPECT_EQ(postgres.ask("SELECT to_regclass('b') IS NULL"), "t");
  EXPECT_EQ(postgres.ask("SELECT max(version) FROM schema_migrations"), "1");
}

TEST(Migrate, RefusesAnEditedStepAndToleratesANewerOne) {
  const PostgresServer postgres;
  const Migration original[] = {{1, "0001_a", "CREATE TABLE a (x int)"},
                                {2, "0002_b", "CREATE TABLE b (x int)"}};
  ASSERT_TRUE(migrate(postgres.service(), original));
  const Migration edited[] = {{1, "0001_a", "CREATE TABLE a (x bigint)"}};
  const auto result = migrate(postgres.service(), edited);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "MigrationEdited");
  EXPECT_TRUE(migrate(postgres.service(), std::span{original}.first(1)));
}

TEST(Migrate, AnUnreachableServerIsWorthAnotherTry) {
  const HeldPort nobody;
  const auto result = migrate(
      {.host = "127.0.0.1", .port = nobody.number(), .user = "u", .password = "s3cret", .database = "d"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().remedy, Remedy::kRetryWithBackoff);
  EXPECT_EQ(result.error().message.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace promptsales::backend
