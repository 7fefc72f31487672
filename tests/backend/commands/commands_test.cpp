// `promptsales-backend check` and `migrate`: exit codes, the one sentence, and where it is left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "backend/db/blocking_connection.hpp"
#include "tests/backend/support/binding_files.hpp"
#include "tests/backend/support/running_backend.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/repository.hpp"

namespace promptsales::backend {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int status;
  std::string output;
  std::string message;  ///< what it left for Kubernetes
};

class Command : public ::testing::Test {
 protected:
  std::map<std::string, std::string> environment(std::map<std::string, std::string> more) {
    std::ofstream{log_};  // Kubernetes makes the file
    more.emplace("PROMPTSALES_TERMINATION_LOG", log_);
    return more;
  }
  Ended finish(Process& process) {
    const auto status = process.wait();
    std::ostringstream message;
    message << std::ifstream{log_}.rdbuf();
    return {status.value_or(-1), process.output(), message.str()};
  }
  Ended run(std::vector<std::string> arguments, std::map<std::string, std::string> variables) {
    arguments.insert(arguments.begin(), testing::backend_program());
    Process process{std::move(arguments), {.environment = environment(std::move(variables)), .user = ""}};
    return finish(process);
  }

  const TemporaryDirectory directory_;
  const std::string log_ = directory_.path() / "termination-log";
};

TEST_F(Command, CheckIsContentWithBindingsThatWork) {
  const PostgresServer postgres;
  const RedisServer redis;
  const BindingFiles bindings{postgres.service(), redis.service()};
  const auto ended = run({"check"}, {{"SERVICE_BINDING_ROOT", bindings.root()}});
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_EQ(ended.message, "");
}

TEST_F(Command, CheckTriesWhatIsThereOnly) {
  const RedisServer redis;
  const BindingFiles bindings{std::nullopt, redis.service()};
  EXPECT_EQ(run({"check"}, {{"SERVICE_BINDING_ROOT", bindings.root()}}).status, 0);
  EXPECT_EQ(run({"check"}, {{"REDIS_URL", redis.url()}}).status, 0);
}

TEST_F(Command, CheckNamesEachBindingAndCauseAndNoValue) {
  PostgresServer postgres;
  (void)postgres.ask("CREATE ROLE alice LOGIN PASSWORD 'right'");
  const RedisServer redis;
  const BindingFiles bindings{postgres.service(), redis.service()};
  bindings.set("database", {{"username", "alice"}, {"password", "wr0ng"}});
  bindings.set("cache", "password", "b4d");
  const auto ended = run({"check"}, {{"SERVICE_BINDING_ROOT", bindings.root()}});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, AllOf(HasSubstr("database: the server refuses username and password"),
                                   HasSubstr("cache: the server refuses username and password")));
  EXPECT_THAT(ended.output, HasSubstr(ended.message));
  EXPECT_EQ(std::ranges::count(ended.output, '\n'), 1) << ended.output;
  for (const auto* value : {"alice", "wr0ng", "b4d", "127.0.0.1"})
    EXPECT_THAT(ended.output, Not(HasSubstr(value)));
}

TEST_F(Command, CheckNamesAMissingEntry) {
  const PostgresServer postgres;
  const BindingFiles bindings{postgres.service()};
  std::filesystem::remove(bindings.path("database") / "username");
  const auto ended = run({"check"}, {{"SERVICE_BINDING_ROOT", bindings.root()}});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, HasSubstr("database/username is missing"));
}

TEST_F(Command, CheckWantsSomethingToBeBound) {
  const auto ended = run({"check"}, {{"SERVICE_BINDING_ROOT", directory_.path()}});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, HasSubstr("nothing is bound"));
}

TEST_F(Command, CheckNamesThePermissionThatARoleLacks) {
  const PostgresServer postgres;
  (void)postgres.ask("CREATE ROLE alice LOGIN PASSWORD 'right'");
  const BindingFiles bindings{postgres.service()};
  bindings.set("database", {{"username", "alice"}, {"password", "right"}});
  const auto check = [&] { return run({"check"}, {{"SERVICE_BINDING_ROOT", bindings.root()}}); };
  (void)postgres.ask("GRANT CREATE ON SCHEMA public TO public");
  EXPECT_EQ(check().status, 0);
  (void)postgres.ask("REVOKE CREATE ON SCHEMA public FROM public");
  EXPECT_THAT(check().message, HasSubstr("lacks permission: GRANT USAGE and CREATE ON SCHEMA public"));
  ASSERT_EQ(run({"migrate"}, {{"DATABASE_URL", postgres.url()}}).status, 0);
  (void)postgres.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO alice");
  EXPECT_THAT(check().message, HasSubstr("lacks permission: GRANT INSERT ON TABLE campaign"));
  (void)postgres.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO alice");
  EXPECT_EQ(check().status, 0);
}

/// A binding of the owner of an empty database, and the login that is to come.
class Rotation : public Command {
 protected:
  Rotation() {
    (void)postgres.ask("CREATE ROLE app SUPERUSER LOGIN PASSWORD 'first'");
    bindings.set("database", {{"username", "app"}, {"password", "first"}});
    EXPECT_EQ(on_binding("migrate").status, 0);
  }
  Ended on_binding(const std::string& command) {
    return run({command}, {{"SERVICE_BINDING_ROOT", bindings.root()}});
  }
  void next_is(const std::string& user, const std::string& password) {
    const auto folder = std::filesystem::path{bindings.root()} / "next";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "username"} << user;
    std::ofstream{folder / "password"} << password;
  }
  void bind(const std::string& user, const std::string& password) {
    bindings.set("database", {{"username", user}, {"password", password}});
  }
  bool logs_in(const std::string& user, const std::string& password) {
    bind(user, password);
    return on_binding("check").status == 0;
  }

  PostgresServer postgres;
  BindingFiles bindings{postgres.service()};
};

TEST_F(Rotation, HasTheDatabaseTakeBothLoginsAndThenTheNewOneAlone) {
  next_is("app_a", "second");
  ASSERT_EQ(on_binding("rotate").status, 0);
  ASSERT_EQ(on_binding("rotate").status, 0) << "it may be repeated";
  EXPECT_TRUE(logs_in("app", "first"));
  EXPECT_TRUE(logs_in("app_a", "second"));
  ASSERT_TRUE(eventually([&] { return on_binding("retire").status == 0; }))
      << "the server has let former clients go";
  EXPECT_TRUE(logs_in("app_a", "second"));
  EXPECT_FALSE(logs_in("app", "first"));

  bind("app_a", "second");
  next_is("app_b", "third");
  ASSERT_EQ(on_binding("rotate").status, 0);
  bind("app_b", "third");
  ASSERT_TRUE(eventually([&] { return on_binding("retire").status == 0; }))
      << "the server has let former clients go";
  EXPECT_TRUE(logs_in("app_b", "third"));
  EXPECT_FALSE(logs_in("app_a", "second"));
}

TEST_F(Rotation, LeavesWhatIsMadeToOneOwner) {
  next_is("app_a", "second");
  ASSERT_EQ(on_binding("rotate").status, 0);
  bind("app_a", "second");
  (void)postgres.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  ASSERT_EQ(on_binding("migrate").status, 0);
  EXPECT_EQ(postgres.ask("SELECT tableowner FROM pg_tables WHERE tablename = 'campaign'"), "app");
}

TEST_F(Rotation, TakesNoLoginAwayThatABackendUses) {
  next_is("app_a", "second");
  ASSERT_EQ(on_binding("rotate").status, 0);
  auto former = postgres.service();
  former.user = "app";
  former.password = "first";
  auto connection = connect_and_wait(former);
  ASSERT_TRUE(connection);
  bind("app_a", "second");
  const auto refused = on_binding("retire");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.message, HasSubstr("connections of backends"));
  EXPECT_TRUE(logs_in("app", "first"));
  *connection = {};
  bind("app_a", "second");
  EXPECT_TRUE(eventually([&] { return on_binding("retire").status == 0; }));
}

TEST_F(Rotation, RefusesToChangeTheRoleThatIsInUseAndNamesNoValue) {
  next_is("app", "canary");
  const auto refused = on_binding("rotate");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.message, HasSubstr("role that is in use"));
  EXPECT_THAT(refused.output, Not(HasSubstr("canary")));
}

/// A cache with an aclfile, its binding, and the login that is to come.
class RotationOfTheCache : public Command {
 protected:
  static std::string user(const std::string& name, const std::string& password) {
    return "user " + name + " on >" + password + " ~* &* +@all\n";
  }
  RotationOfTheCache() {
    const auto folder = std::filesystem::path{bindings.root()} / "next";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "username"} << "promptsales_a";
    std::ofstream{folder / "password"} << "second";
    bind("default", "first");
  }
  void bind(const std::string& name, const std::string& password) {
    bindings.set("cache", {{"username", name}, {"password", password}});
  }
  std::map<std::string, std::string> bound() { return {{"SERVICE_BINDING_ROOT", bindings.root()}}; }
  bool logs_in(const std::string& name, const std::string& password) {
    bind(name, password);
    return run({"check"}, bound()).status == 0;
  }
  const PostgresServer postgres;
  RedisServer cache{user("default", "first")};
  BindingFiles bindings{std::nullopt, cache.service()};
};

TEST_F(RotationOfTheCache, HasItTakeBothLoginsAndThenTheNewOneAlone) {
  cache.write_users(user("promptsales_a", "second") + user("default", "first"));
  ASSERT_EQ(run({"rotate"}, bound()).status, 0);
  ASSERT_EQ(run({"rotate"}, bound()).status, 0) << "it may be repeated";
  EXPECT_TRUE(logs_in("default", "first"));
  EXPECT_TRUE(logs_in("promptsales_a", "second"));
  const auto retired = run({"retire"}, bound());
  ASSERT_EQ(retired.status, 0) << retired.output;
  EXPECT_FALSE(logs_in("default", "first"));
  EXPECT_TRUE(logs_in("promptsales_a", "second"));
}

TEST_F(RotationOfTheCache, WaitsUntilAServerThatStartsAnewTakesTheNewLoginToo) {
  Process rotate{{testing::backend_program(), "rotate"}, {.environment = environment(bound()), .user = ""}};
  EXPECT_FALSE(eventually([&] { return !rotate.running(); }, std::chrono::seconds{3}))
      << "the file has the former login alone";
  cache.write_users(user("promptsales_a", "second") + user("default", "first"));
  EXPECT_EQ(finish(rotate).status, 0);
  cache.stop();
  cache.start();
  EXPECT_TRUE(logs_in("promptsales_a", "second"));
  EXPECT_TRUE(logs_in("default", "first"));
}

TEST_F(RotationOfTheCache, TakesNoLoginAwayThatABackendUses) {
  cache.write_users(user("promptsales_a", "second") + user("default", "first"));
  ASSERT_EQ(run({"rotate"}, bound()).status, 0);
  {
    const std::string url = "redis://default:first@127.0.0.1:" + std::to_string(cache.service().port) + "/0";
    const RunningBackend former{{{"DATABASE_URL", postgres.url()}, {"REDIS_URL", url}}};
    bind("promptsales_a", "second");
    ASSERT_TRUE(eventually([&] {
      const auto connections = former.metric("promptsales_cache_connections");
      return !connections.empty() && connections != "0";
    }));
    const auto refused = run({"retire"}, bound());
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.message, HasSubstr("connections of backends"));
    EXPECT_TRUE(logs_in("default", "first"));
  }
  bind("promptsales_a", "second");
  EXPECT_EQ(run({"retire"}, bound()).status, 0);
}

TEST_F(RotationOfTheCache, SaysWhatAServerWithoutAFileLacks) {
  const RedisServer without;
  bindings.set("cache", {{"port", std::to_string(without.service().port)},
                         {"username", "default"},
                         {"password", RedisServer::kPassword}});
  const auto refused = run({"rotate"}, bound());
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.message, HasSubstr("ACL LOAD: it must have been started with an aclfile"));
}

TEST_F(RotationOfTheCache, RefusesToChangeTheUserThatIsInUse) {
  bind("promptsales_a", "first");
  EXPECT_THAT(run({"rotate"}, bound()).message, HasSubstr("user that is in use"));
}

TEST_F(Command, MigrateWaitsForTheDatabase) {
  PostgresServer postgres;
  postgres.stop();
  Process migrate{{testing::backend_program(), "migrate"},
                  {.environment = environment({{"DATABASE_URL", postgres.url()}}), .user = ""}};
  ASSERT_TRUE(
      eventually([&] { return migrate.output().find("waiting for the database") != std::string::npos; }));
  postgres.start();
  const auto ended = finish(migrate);
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_EQ(postgres.ask("SELECT count(*) FROM schema_migrations"), "1");
}

TEST_F(Command, MigrateGivesUpAndSaysWhy) {
  PostgresServer postgres;
  postgres.stop();
  const auto ended = run({"migrate", "--wait", "0"}, {{"DATABASE_URL", postgres.url()}});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, HasSubstr("connection refused"));
}

TEST_F(Command, MigrateDoesNotWaitForAPasswordToBecomeRight) {
  const PostgresServer postgres;
  (void)postgres.ask("CREATE ROLE alice LOGIN PASSWORD 'right'");
  const BindingFiles bindings{postgres.service()};
  bindings.set("database", {{"username", "alice"}, {"password", "wr0ng"}});
  const auto ended = run({"migrate"}, {{"SERVICE_BINDING_ROOT", bindings.root()}});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, HasSubstr("refuses username and password"));
}

TEST_F(Command, MigrateRefusesADowngrade) {
  const PostgresServer postgres;
  ASSERT_EQ(run({"migrate"}, {{"DATABASE_URL", postgres.url()}}).status, 0);
  (void)postgres.ask("INSERT INTO schema_migrations VALUES (9999, 'of a newer version')");
  const auto ended = run({"migrate"}, {{"DATABASE_URL", postgres.url()}});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.message, AllOf(HasSubstr("migration 9999"), HasSubstr("use the newer image")));
}

TEST_F(Command, WhatItDoesNotKnowIsRefusedWithTheUsage) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"chek"}, {"check", "x"}, {"migrate", "--wait"}, {"migrate", "--wait", "soon"}}) {
    const auto ended = run(arguments, {});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.output, HasSubstr("usage:"));
  }
}

TEST_F(Command, HelpIsTheUsageAndNoFailure) {
  for (const auto* asked : {"--help", "-h"}) {
    const auto ended = run({asked}, {});
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.output, HasSubstr("usage:"));
  }
  EXPECT_THAT(run({"chek"}, {}).output, HasSubstr("'chek' is no command"));
}

TEST_F(Command, AServerThatCannotStartLeavesItsReason) {
  const auto ended = run({}, {});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.message, HasSubstr("no database is bound"));
}

TEST(ServingWithMigrationsByAJob, WaitsForTheJob) {
  const PostgresServer postgres;
  RunningBackend backend{{{"DATABASE_URL", postgres.url()}, {"PROMPTSALES_MIGRATIONS", "job"}}};
  EXPECT_TRUE(eventually([&] {
    return http_get(backend.admin_port(), "/readyz")
               ->body.find("1 migrations from 1 on are not applied yet") != std::string::npos;
  }));
  EXPECT_EQ(postgres.ask("SELECT to_regclass('schema_migrations') IS NULL"), "t");
  Process migrate{{testing::backend_program(), "migrate"},
                  {.environment = {{"DATABASE_URL", postgres.url()}}, .user = ""}};
  EXPECT_EQ(migrate.wait(), 0);
  EXPECT_TRUE(backend.becomes_ready());
}

}  // namespace
}  // namespace promptsales::backend
