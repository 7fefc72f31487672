// The real program follows its binding files: credentials change under load, and no request fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/backend/support/binding_files.hpp"
#include "tests/backend/support/running_backend.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/repository.hpp"

namespace promptsales::backend {
namespace {

using ::testing::HasSubstr;

class FollowedBindings : public ::testing::Test {
 protected:
  explicit FollowedBindings(const std::string& migrations = "startup")
      : bindings_(postgres_.service(), redis_.service()) {
    Process migrate{{testing::backend_program(), "migrate"},
                    {.environment = {{"DATABASE_URL", postgres_.url()}}, .user = ""}};
    EXPECT_EQ(migrate.wait(), 0) << migrate.output();
    for (const std::string role : {"app_a", "app_b"}) {
      (void)postgres_.ask("CREATE ROLE " + role + " LOGIN PASSWORD 'first'");
      (void)postgres_.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role);
    }
    bindings_.set("database", {{"username", "app_a"}, {"password", "first"}});
    backend_.emplace(std::map<std::string, std::string>{{"SERVICE_BINDING_ROOT", bindings_.root()},
                                                        {"PROMPTSALES_BINDING_RELOAD", "true"},
                                                        {"PROMPTSALES_MIGRATIONS", migrations},
                                                        {"PROMPTSALES_LOOPS", "2"}});
    EXPECT_TRUE(backend_->becomes_ready()) << backend_->process().output();
  }

  void set_password(const std::string& role, const std::string& password) const {
    (void)postgres_.ask("ALTER ROLE " + role + " PASSWORD '" + password + "'");
  }
  [[nodiscard]] std::string changed_binding_error() const {
    const auto page = nlohmann::json::parse(http_get(backend_->admin_port(), "/readyz")->body);
    return page["database"].value("changed_binding_error", "");
  }
  /// The roles that the backend is connected as.
  [[nodiscard]] std::string connected_as() const {
    return postgres_.ask(
        "SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity "
        "WHERE application_name = 'promptsales-backend'");
  }
  [[nodiscard]] bool generation_becomes(const std::string& binding, int number) const {
    return eventually([&] {
      return backend_->metric("promptsales_binding_generation{binding=\"" + binding + "\"}") ==
             std::to_string(number);
    });
  }

  const PostgresServer postgres_;
  const RedisServer redis_;
  const BindingFiles bindings_;
  std::optional<RunningBackend> backend_;
};

struct Load {
  int answered = 0;
  int failed = 0;
};

Load load_until(const std::atomic<bool>& enough, std::uint16_t port) {
  Load load;
  HttpClient client{port};
  while (!enough) {
    const auto answer = load.answered % 5 == 0 ? client.post("/v1/campaigns", R"({"name":"load"})")
                                               : client.get("/v1/campaigns?limit=100");
    ++(answer && answer->status < 300 ? load.answered : load.failed);
    if (!answer) break;
  }
  return load;
}

TEST_F(FollowedBindings, ChangeUnderLoadWithoutAFailedRequest) {
  std::atomic<bool> enough = false;
  std::vector<std::future<Load>> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(std::async(std::launch::async, load_until, std::cref(enough), backend_->http_port()));
  for (int change = 1; change <= 3; ++change) {
    const std::string next = change % 2 == 1 ? "app_b" : "app_a";
    const std::string before = change % 2 == 1 ? "app_a" : "app_b";
    const auto password = "password-" + std::to_string(change);
    set_password(next, password);
    bindings_.set("database", {{"username", next}, {"password", password}});
    EXPECT_TRUE(generation_becomes("database", change + 1)) << backend_->process().output();
    EXPECT_TRUE(eventually([&] { return connected_as() == next; })) << connected_as();
    set_password(before, "revoked");
  }
  enough = true;
  for (auto& client : clients) {
    const auto load = client.get();
    EXPECT_EQ(load.failed, 0);
    EXPECT_GT(load.answered, 50);
  }
}

TEST_F(FollowedBindings, AListGoesOnOverTheChangeAndInPodsThatStartAfterIt) {
  HttpClient client{backend_->http_port()};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(client.post("/v1/campaigns", R"({"name":"c"})")->status, 201);
  const auto next_page_of = [](std::uint16_t port, const std::string& limit) {
    const auto page = nlohmann::json::parse(http_get(port, "/v1/campaigns?limit=" + limit)->body);
    return "/v1/campaigns?limit=1&cursor=" + page["next_cursor"].get<std::string>();
  };
  const auto before = next_page_of(backend_->http_port(), "1");
  set_password("app_b", "second");
  bindings_.set("database", {{"username", "app_b"}, {"password", "second"}});
  ASSERT_TRUE(generation_becomes("database", 2));
  ASSERT_TRUE(eventually([&] { return connected_as() == "app_b"; }));
  EXPECT_EQ(http_get(backend_->http_port(), before)->status, 200);
  RunningBackend later{{{"SERVICE_BINDING_ROOT", bindings_.root()}}};
  ASSERT_TRUE(later.becomes_ready());
  // Another length than before, whose page is in the cache with its cursor for half a minute more.
  EXPECT_EQ(http_get(later.http_port(), next_page_of(backend_->http_port(), "2"))->status, 200);
}

TEST_F(FollowedBindings, CredentialsThatDoNotWorkAreNotTakenUntilTheyDo) {
  bindings_.set("database", {{"username", "app_b"}, {"password", "n0t-yet"}});
  EXPECT_TRUE(eventually([&] {
    const auto rejected =
        backend_->metric(R"(promptsales_binding_reloads_total{binding="database",result="rejected"})");
    return !rejected.empty() && rejected != "0";
  }));
  EXPECT_EQ(connected_as(), "app_a");
  EXPECT_EQ(http_get(backend_->http_port(), "/v1/campaigns")->status, 200);
  EXPECT_EQ(backend_->readyz(), 200);
  const auto detail = nlohmann::json::parse(http_get(backend_->admin_port(), "/readyz")->body)["database"];
  EXPECT_THAT(detail["changed_binding_error"].get<std::string>(), HasSubstr("refuses username and password"));
  EXPECT_EQ(backend_->process().output().find("n0t-yet"), std::string::npos);
  set_password("app_b", "n0t-yet");  // mended on the server: the files stay as they are
  EXPECT_TRUE(generation_becomes("database", 2));
  EXPECT_TRUE(eventually([&] { return connected_as() == "app_b"; }));
}

TEST_F(FollowedBindings, AnotherDatabaseHasItsSchemaBeforeItIsUsed) {
  (void)postgres_.ask("CREATE DATABASE other OWNER app_a");
  bindings_.set("database", "database", "other");
  ASSERT_TRUE(generation_becomes("database", 2)) << backend_->process().output();
  EXPECT_EQ(http_get(backend_->http_port(), "/v1/campaigns")->status, 200);
  EXPECT_EQ(backend_->readyz(), 200);
}

class FollowedBindingsWithAMigrationJob : public FollowedBindings {
 protected:
  FollowedBindingsWithAMigrationJob() : FollowedBindings("job") {}
};

TEST_F(FollowedBindingsWithAMigrationJob, AnotherDatabaseIsNotFollowedUntilTheJobHasMadeItsSchema) {
  (void)postgres_.ask("CREATE DATABASE other OWNER app_a");
  bindings_.set("database", "database", "other");
  EXPECT_TRUE(eventually([&] { return !changed_binding_error().empty(); }));
  EXPECT_THAT(changed_binding_error(), HasSubstr("not applied yet: `promptsales-backend migrate`"));
  EXPECT_EQ(http_get(backend_->http_port(), "/v1/campaigns")->status, 200);  // of the former
  EXPECT_EQ(backend_->readyz(), 200);
  Process migrate{{testing::backend_program(), "migrate"},
                  {.environment = {{"SERVICE_BINDING_ROOT", bindings_.root()}}, .user = ""}};
  ASSERT_EQ(migrate.wait(), 0) << migrate.output();
  EXPECT_TRUE(generation_becomes("database", 2));
  EXPECT_EQ(http_get(backend_->http_port(), "/v1/campaigns")->status, 200);
}

TEST_F(FollowedBindings, ANewPasswordOfTheCacheIsUsed) {
  const auto connections = [&] { return backend_->metric("promptsales_cache_connections"); };
  ASSERT_TRUE(eventually([&] { return connections() == "2"; }));
  HttpClient admin{redis_.service().port};
  ASSERT_TRUE(admin.send("AUTH s3cret\r\nCONFIG SET requirepass other\r\n"));
  bindings_.set("cache", "password", "other");
  EXPECT_TRUE(generation_becomes("cache", 2)) << backend_->process().output();
  ASSERT_TRUE(admin.send("CLIENT KILL TYPE normal SKIPME yes\r\n"));
  EXPECT_TRUE(eventually([&] {
    return backend_->process().output().find("lost the cache") != std::string::npos && connections() == "2";
  }));
}

/// Connections that there are stay open.
TEST_F(FollowedBindings, ALoginThatIsNoLongerTakenIsToldToWhoAsksForLogins) {
  const auto refused = [&](const char* service) {
    const auto answer = http_get(backend_->admin_port(), "/readyz?logins");
    EXPECT_TRUE(answer && answer->status == 200);
    const auto page = nlohmann::json::parse(answer ? answer->body : "{}");
    EXPECT_EQ(page[service]["reachable"], true);
    return page[service].value("login_refused", "");
  };
  EXPECT_EQ(refused("database"), "");
  set_password("app_a", "of somebody else");
  const HttpClient redis{redis_.service().port};
  ASSERT_TRUE(
      redis.send("AUTH " + std::string{RedisServer::kPassword} + "\r\nCONFIG SET requirepass other\r\n"));
  EXPECT_TRUE(eventually([&] { return refused("database").contains("refuses username and password"); }));
  EXPECT_TRUE(eventually([&] { return refused("cache").contains("refuses username and password"); }));
  set_password("app_a", "first");
  EXPECT_TRUE(eventually([&] { return refused("database").empty(); }));
}

/// A stopped server has the kernel take connections, and says nothing; those that there are go on.
TEST_F(FollowedBindings, AServerThatSaysNothingToANewLoginHoldsNoAnswerUp) {
  const pid_t server =
      std::stoi(postgres_.ask("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));
  ASSERT_TRUE(eventually([&] { return backend_->readyz() == 200; }));
  ASSERT_EQ(kill(server, SIGSTOP), 0);
  const auto asked = std::chrono::steady_clock::now();
  const auto answer = http_get(backend_->admin_port(), "/readyz?logins");
  const auto took = std::chrono::steady_clock::now() - asked;
  ASSERT_EQ(kill(server, SIGCONT), 0);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_LT(took, std::chrono::milliseconds{1'500}) << "the login itself has two seconds";
}

TEST_F(FollowedBindings, AreTriedAgainWhenThereAreNoDescriptorsToTryThemWith) {
  const pid_t id = backend_->process().id();
  const auto open_files = std::filesystem::directory_iterator{"/proc/" + std::to_string(id) + "/fd"};
  rlimit before{};
  ASSERT_EQ(prlimit(id, RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit none{static_cast<rlim_t>(std::ranges::distance(open_files)), before.rlim_max};
  ASSERT_EQ(prlimit(id, RLIMIT_NOFILE, &none, nullptr), 0);
  HttpClient admin{redis_.service().port};
  ASSERT_TRUE(admin.send("AUTH s3cret\r\nCONFIG SET requirepass other\r\n"));
  bindings_.set("cache", "password", "other");
  EXPECT_TRUE(eventually(
      [&] { return backend_->process().output().find("binding not taken into use") != std::string::npos; }));
  ASSERT_EQ(prlimit(id, RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_TRUE(generation_becomes("cache", 2)) << backend_->process().output();
}

}  // namespace
}  // namespace promptsales::backend
