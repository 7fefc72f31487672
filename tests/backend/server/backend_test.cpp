// The real program against a real Postgres and a real Redis.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <list>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/backend/support/binding_files.hpp"
#include "tests/backend/support/running_backend.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/repository.hpp"

namespace promptsales::backend {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string http_create(std::uint16_t port, const std::string& name) {
  HttpClient client{port};
  const auto answer = client.post("/v1/campaigns", json{{"name", name}}.dump());
  return answer && answer->status == 201 ? json::parse(answer->body)["id"].get<std::string>() : "";
}

class ServedCampaigns : public ::testing::Test {
 protected:
  ServedCampaigns()
      : backend_(
            {{"DATABASE_URL", postgres_.url()}, {"REDIS_URL", redis_.url()}, {"PROMPTSALES_LOOPS", "2"}}),
        client_(backend_.http_port()) {
    EXPECT_TRUE(backend_.becomes_ready()) << backend_.process().output();
  }

  std::string create(const std::string& name) {
    const auto answer = client_.post("/v1/campaigns", json{{"name", name}}.dump());
    EXPECT_EQ(answer->status, 201) << answer->body;
    return json::parse(answer->body)["id"];
  }

  PostgresServer postgres_;
  RedisServer redis_;
  RunningBackend backend_;
  HttpClient client_;
};

TEST_F(ServedCampaigns, ACreatedCampaignIsThereUnderItsLocation) {
  const auto created = client_.post(
      "/v1/campaigns",
      R"({"name":"Früh","channels":["email"],"budget":{"amount_minor":9007199254740993,"currency":"CRC"},)"
      R"("starts_at":"2026-03-01T09:30:00.25+02:00"})");
  ASSERT_EQ(created->status, 201) << created->body;
  const auto found = client_.get(created->fields.at("location"));
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->body, created->body);
  const auto campaign = json::parse(found->body);
  EXPECT_EQ(campaign["name"], "Früh");
  EXPECT_EQ(campaign["budget"]["amount_minor"], 9007199254740993);
  EXPECT_EQ(campaign["starts_at"], "2026-03-01T07:30:00.250000Z");
  EXPECT_EQ(postgres_.ask("SELECT org_id FROM campaign"), "00000000-0000-7000-8000-000000000001");
}

TEST_F(ServedCampaigns, AKnownVersionIsNotSentAgain) {
  const auto path = "/v1/campaigns/" + create("a");
  const auto etag = client_.get(path)->fields.at("etag");
  ASSERT_TRUE(client_.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + etag + "\r\n\r\n"));
  EXPECT_EQ(client_.read()->status, 304);
}

TEST_F(ServedCampaigns, PagesShowEachCampaignOnceNewestFirst) {
  std::vector<std::string> created;
  for (int i = 0; i < 7; ++i) created.insert(created.begin(), create("c" + std::to_string(i)));
  std::vector<std::string> listed;
  std::string target = "/v1/campaigns?limit=3";
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = json::parse(client_.get(target)->body);
    for (const auto& item : page["items"]) listed.push_back(item["id"]);
    if (page["next_cursor"].is_null()) break;
    target = "/v1/campaigns?limit=3&cursor=" + page["next_cursor"].get<std::string>();
  }
  EXPECT_EQ(listed, created);
}

TEST_F(ServedCampaigns, TheCachedPageFollowsEveryWrite) {
  const auto hits = [&] {
    return std::stoi(backend_.metric(R"(promptsales_cache_requests_total{layer="redis",result="hit"})"));
  };
  std::size_t written = 0;
  const auto hits_of_two_lists_after_a_write = [&] {
    EXPECT_TRUE(eventually([&] { return backend_.metric("promptsales_cache_connections") == "2"; }));
    const int before = hits();
    const auto id = create("c");
    ++written;
    for (int repeat = 0; repeat < 2; ++repeat) {
      const auto page = json::parse(client_.get("/v1/campaigns")->body);
      EXPECT_EQ(page["items"].size(), written);
      EXPECT_EQ(page["items"][0]["id"], id);
    }
    return hits() - before;
  };
  // More than once where the cache took 50 ms for an answer: nobody waits longer for it, but asks the database.
  for (int write = 0; write < 5; ++write)
    EXPECT_TRUE(eventually([&] { return hits_of_two_lists_after_a_write() == 1; }));
}

TEST_F(ServedCampaigns, WorkWithoutTheCache) {
  redis_.stop();
  const auto id = create("c");
  EXPECT_EQ(json::parse(client_.get("/v1/campaigns")->body)["items"][0]["id"], id);
  EXPECT_EQ(backend_.readyz(), 200);
  redis_.start();
  EXPECT_TRUE(eventually([&] { return backend_.metric("promptsales_cache_connections") == "2"; }));
}

TEST_F(ServedCampaigns, ARepeatedKeyCreatesNothingNew) {
  const std::string key = "Idempotency-Key: k-1\r\n";
  const auto first = client_.post("/v1/campaigns", R"({"name":"a"})", key);
  const auto again = client_.post("/v1/campaigns", R"({"name":"a"})", key);
  EXPECT_EQ(first->status, 201);
  EXPECT_EQ(again->status, 201);
  EXPECT_EQ(again->body, first->body);
  EXPECT_EQ(again->fields.at("location"), first->fields.at("location"));
  EXPECT_EQ(client_.post("/v1/campaigns", R"({"name":"b"})", key)->status, 422);
  EXPECT_EQ(postgres_.ask("SELECT count(*) FROM campaign"), "1");
}

TEST_F(ServedCampaigns, OneKeySentByManyAtOnceCreatesOne) {
  std::vector<std::future<std::string>> bodies;
  for (int i = 0; i < 8; ++i)
    bodies.push_back(std::async(std::launch::async, [&] {
      HttpClient client{backend_.http_port()};
      return client.post("/v1/campaigns", R"({"name":"a"})", "Idempotency-Key: same\r\n")->body;
    }));
  std::set<std::string> distinct;
  for (auto& body : bodies) distinct.insert(body.get());
  EXPECT_EQ(distinct.size(), 1U);
  EXPECT_EQ(postgres_.ask("SELECT count(*) FROM campaign"), "1");
}

TEST_F(ServedCampaigns, AnExpiredKeyMayBeUsedAgain) {
  const std::string key = "Idempotency-Key: old\r\n";
  const auto first = client_.post("/v1/campaigns", R"({"name":"a"})", key);
  (void)postgres_.ask("UPDATE idempotency SET expires_at = now() - interval '1 minute'");
  const auto second = client_.post("/v1/campaigns", R"({"name":"b"})", key);
  EXPECT_EQ(second->status, 201);
  EXPECT_NE(second->body, first->body);
}

TEST_F(ServedCampaigns, RefusalsAreProblemsWithTheirStatus) {
  const auto refused = client_.post("/v1/campaigns", R"({"name":""})");
  EXPECT_EQ(refused->status, 422);
  EXPECT_EQ(refused->fields.at("content-type"), "application/problem+json");
  EXPECT_EQ(json::parse(refused->body)["errors"][0]["pointer"], "#/name");
  EXPECT_EQ(client_.get("/v1/campaigns?limit=1000")->status, 422);
  EXPECT_EQ(client_.get("/v1/campaigns/nope")->status, 404);
  EXPECT_EQ(client_.get("/v1/campaigns/00000000-0000-7000-8000-000000000009")->status, 404);
  EXPECT_EQ(client_.get("/v1/nothing")->status, 404);
  EXPECT_EQ(client_.get("/metrics")->status, 404) << "the admin pages are not public";
  EXPECT_EQ(client_.post("/v1/campaigns", "{}", "Idempotency-Key: a b\r\n")->status, 400);
  ASSERT_TRUE(client_.send("DELETE /v1/campaigns HTTP/1.1\r\nHost: a\r\n\r\n"));
  const auto deleted = client_.read();
  EXPECT_EQ(deleted->status, 405);
  EXPECT_THAT(deleted->fields.at("allow"), HasSubstr("POST"));
  ASSERT_TRUE(client_.send("POST /v1/campaigns HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"));
  EXPECT_EQ(client_.read()->status, 415);
}

TEST_F(ServedCampaigns, ReadinessFollowsTheDatabase) {
  create("before");  // a connection that never asked anything would be closed after 5 s
  postgres_.stop();
  EXPECT_TRUE(eventually([&] { return backend_.readyz() == 503; }));
  const auto why = json::parse(http_get(backend_.admin_port(), "/readyz")->body);
  EXPECT_EQ(why["missing"][0], "database: not reachable");
  EXPECT_EQ(client_.get("/v1/campaigns/00000000-0000-7000-8000-000000000009")->status, 503);
  EXPECT_EQ(http_get(backend_.admin_port(), "/healthz")->status, 200)
      << "a restart would not bring Postgres back";
  postgres_.start();
  EXPECT_TRUE(backend_.becomes_ready());
  EXPECT_FALSE(create("after").empty());
}

TEST_F(ServedCampaigns, ADatabaseThatComesBackEmptyIsMigratedAgain) {
  (void)postgres_.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  postgres_.stop();
  postgres_.start();
  EXPECT_TRUE(eventually([&] { return client_.post("/v1/campaigns", R"({"name":"a"})")->status == 201; }));
}

/// A client as the cluster's: keeps its connection, obeys Connection: close, and opens no new connection once
/// the endpoint is no longer ready.
struct LoadResult {
  int answered = 0;
  int failed = 0;
};
LoadResult load_until_closed(std::uint16_t port, const std::atomic<bool>& removed) {
  LoadResult result;
  while (!removed) {
    HttpClient client{port};
    for (bool open = client.connected(); open;) {
      const auto answer = result.answered % 10 == 0 ? client.post("/v1/campaigns", R"({"name":"load"})")
                                                    : client.get("/v1/campaigns?limit=2");
      const bool good = answer && (answer->status == 200 || answer->status == 201);
      ++(good ? result.answered : result.failed);
      open = good && !answer->fields.contains("connection");
    }
    if (!client.connected()) ++result.failed;
  }
  return result;
}

TEST_F(ServedCampaigns, ADrainUnderLoadFailsNoRequest) {
  std::atomic<bool> removed = false;
  std::vector<std::future<LoadResult>> clients;
  for (int i = 0; i < 8; ++i)
    clients.push_back(
        std::async(std::launch::async, [&] { return load_until_closed(backend_.http_port(), removed); }));
  ASSERT_TRUE(eventually([&] { return std::stoi(postgres_.ask("SELECT count(*) FROM campaign")) > 50; }));
  backend_.process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return backend_.readyz() == 503; }));
  removed = true;
  int answered = 0;
  for (auto& client : clients) {
    const auto result = client.get();
    answered += result.answered;
    EXPECT_EQ(result.failed, 0);
  }
  EXPECT_GT(answered, 500);
  EXPECT_EQ(backend_.process().wait(), 0) << backend_.process().output();
}

TEST_F(ServedCampaigns, ASecondSignalEndsTheProcessAtOnce) {
  backend_.process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return backend_.readyz() == 503; }));
  backend_.process().signal(SIGTERM);
  EXPECT_EQ(backend_.process().wait(), 128 + SIGTERM);
}

TEST(Backend, SpeaksTlsWithDatabaseAndCacheWhereTheBindingSaysSo) {
  const CertificateAuthority ca;
  const PostgresServer postgres{ca.issue()};
  const RedisServer redis{ca.issue()};
  const BindingFiles bindings{postgres.service(), redis.service()};
  bindings.set("database", "sslmode", "verify-full");
  bindings.set("database", "ca.crt", ca.pem());
  bindings.set("cache", "ssl", "true");
  bindings.set("cache", "ca.crt", ca.pem());
  RunningBackend backend{{{"SERVICE_BINDING_ROOT", bindings.root()}, {"PROMPTSALES_LOOPS", "1"}}};
  ASSERT_TRUE(backend.becomes_ready()) << backend.process().output();
  // Larger than a record of TLS, and than libpq's buffer.
  for (int i = 0; i < 100; ++i) ASSERT_NE(http_create(backend.http_port(), std::string(200, 'n')), "");
  EXPECT_EQ(json::parse(http_get(backend.http_port(), "/v1/campaigns?limit=100")->body)["items"].size(),
            100U);
  EXPECT_EQ(postgres.ask("SELECT bool_and(ssl)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                         "WHERE application_name = 'promptsales-backend'"),
            "true");
  EXPECT_TRUE(eventually([&] { return backend.metric("promptsales_cache_connections") == "1"; }));
}

TEST(Backend, StartsBeforeItsDatabaseAndMigratesWhenItComes) {
  PostgresServer postgres;
  postgres.stop();
  RunningBackend backend{{{"DATABASE_URL", postgres.url()}}};
  EXPECT_EQ(backend.readyz(), 503);
  EXPECT_THAT(http_get(backend.admin_port(), "/readyz")->body, HasSubstr("database: not reachable"));
  EXPECT_EQ(http_get(backend.http_port(), "/v1/campaigns")->status, 503);
  postgres.start();
  EXPECT_TRUE(backend.becomes_ready());
  EXPECT_EQ(http_get(backend.http_port(), "/v1/campaigns")->status, 200);
}

/// A database that lets everybody in and then says nothing, as a pooler does that is paused.
class SilentDatabase {
 public:
  SilentDatabase() {
    thread_ = std::jthread{[this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        pollfd news{acceptor_.native_handle(), POLLIN, 0};
        if (::poll(&news, 1, 20) == 1) let_in(clients_.emplace_back(acceptor_.accept()));
      }
    }};
  }
  [[nodiscard]] std::string url() const {
    return "postgresql://a:b@127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
           "/c?sslmode=disable";
  }

 private:
  static void let_in(boost::asio::ip::tcp::socket& client) {
    // AuthenticationOk, ParameterStatus as a primary has it, ReadyForQuery (PostgreSQL documentation, "Message Formats")
    const std::string welcome = message('R', {"\0\0\0\0", 4}) + status("server_version", "17.0") +
                                status("in_hot_standby", "off") +
                                status("default_transaction_read_only", "off") + message('Z', "I");
    boost::system::error_code gone;
    boost::asio::write(client, boost::asio::buffer(welcome), gone);
  }
  static std::string message(char kind, std::string_view body) {
    return {kind + std::string{0, 0, 0, static_cast<char>(4 + body.size())} + std::string{body}};
  }
  static std::string status(const std::string& name, const std::string& value) {
    return message('S', name + '\0' + value + '\0');
  }

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_{loop_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::list<boost::asio::ip::tcp::socket> clients_;
  std::jthread thread_;
};

TEST(Backend, EndsThoughItsDatabaseNeverAnswers) {
  const SilentDatabase database;
  RunningBackend backend{{{"DATABASE_URL", database.url()}, {"PROMPTSALES_DRAIN_SECONDS", "0"}}};
  EXPECT_TRUE(eventually([&] { return backend.metric("promptsales_db_connections") > "0"; }));
  backend.process().signal(SIGTERM);
  EXPECT_EQ(backend.process().wait(), 0) << backend.process().output();
}

TEST(Backend, AboveItsConnectionLimitItSaysSo) {
  RunningBackend backend{
      {{"DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x"}, {"PROMPTSALES_MAX_CONNECTIONS", "1"}}};
  HttpClient first{backend.http_port()};
  ASSERT_EQ(first.get("/nothing")->status, 404);
  HttpClient second{backend.http_port()};
  EXPECT_EQ(second.read()->status, 503);
  EXPECT_EQ(first.get("/nothing")->status, 404);
}

struct StartCase {
  const char* name;
  std::map<std::string, std::string> environment;
  const char* says;
};
class BadStart : public ::testing::TestWithParam<StartCase> {};
TEST_P(BadStart, EndsWithOneSentence) {
  Process process{{testing::backend_program()}, {.environment = GetParam().environment, .user = ""}};
  EXPECT_EQ(process.wait(), 1);
  const auto output = process.output();
  EXPECT_THAT(output, HasSubstr(GetParam().says));
  EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
  EXPECT_EQ(output.find("s3cret"), std::string::npos) << output;
}
INSTANTIATE_TEST_SUITE_P(
    Inputs, BadStart,
    ::testing::Values(
        StartCase{"NoDatabase", {}, "no database is bound"},
        StartCase{"BadUrl", {{"DATABASE_URL", "postgresql://u:s3cret/x@h:5432/d"}}, "DATABASE_URL: "},
        StartCase{"BadCacheUrl",
                  {{"DATABASE_URL", "postgresql://u:s3cret@h/d"}, {"REDIS_URL", "memcached://s3cret"}},
                  "REDIS_URL: "},
        StartCase{"BadSetting", {{"PROMPTSALES_LOOPS", "many"}}, "PROMPTSALES_LOOPS must be"}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST(Backend, ATakenPortIsNamed) {
  RunningBackend first{{{"DATABASE_URL", "postgresql://u:s3cret@127.0.0.1:1/d"}}};
  const auto port = std::to_string(first.http_port());
  Process second{{testing::backend_program()},
                 {.environment = {{"DATABASE_URL", "postgresql://u:s3cret@127.0.0.1:1/d"},
                                  {"PROMPTSALES_HTTP_PORT", port},
                                  {"PROMPTSALES_ADMIN_PORT", "0"}},
                  .user = ""}};
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.output(), HasSubstr("port " + port + " is taken"));
}

}  // namespace
}  // namespace promptsales::backend
