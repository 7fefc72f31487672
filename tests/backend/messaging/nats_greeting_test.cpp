// Against a real NATS server.

#include "backend/messaging/nats_presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <thread>

#include "backend/commands/check.hpp"
#include "tests/backend/support/http_client.hpp"
#include "tests/backend/support/running_backend.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

class NatsServer {
 public:
  explicit NatsServer(std::vector<std::string> options) {
    options.insert(options.begin(), {"nats-server", "-a", "127.0.0.1", "-p", std::to_string(port())});
    process_.emplace(std::move(options), Process::Options{});
    if (!eventually([this] { return HttpClient::reachable(port()); }))
      throw std::runtime_error{"nats-server did not start: " + process_->output()};
  }
  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  void stop() { process_.reset(); }

 private:
  const HeldPort port_;
  std::optional<Process> process_;
};

std::string outcome(const MessagingService& service) {
  const auto result = check_messaging(service);
  return result ? "ok" : result.error().reason;
}

class NatsGreeting : public testing::Test {
 protected:
  void SetUp() override {
    Process probe{{"nats-server", "--version"}, {}};
    if (probe.wait() != 0) GTEST_SKIP() << "nats-server is not installed";
  }
  const TemporaryDirectory directory_;
};

TEST_F(NatsGreeting, NeedsTheRightPassword) {
  const NatsServer server{{"--user", "app", "--pass", "right"}};
  MessagingService service{.host = "127.0.0.1", .port = server.port(), .user = "app", .password = "right"};
  EXPECT_EQ(outcome(service), "ok");
  service.password = "wrong";
  EXPECT_EQ(outcome(service), "WrongPassword");
  service.tls = true;
  EXPECT_EQ(outcome(service), "TlsRefused");
}

TEST_F(NatsGreeting, ATokenIsAPasswordWithoutAUser) {
  const NatsServer server{{"--auth", "t0ken"}};
  EXPECT_EQ(outcome({.host = "127.0.0.1", .port = server.port(), .password = "t0ken"}), "ok");
  EXPECT_EQ(outcome({.host = "127.0.0.1", .port = server.port(), .password = "other"}), "WrongPassword");
}

TEST_F(NatsGreeting, TlsIsSpokenWhereTheServerDemandsIt) {
  const CertificateAuthority ca;
  write_pair(ca.issue(), directory_.path());
  std::ofstream{directory_.path() / "ca.crt"} << ca.pem();
  const NatsServer server{
      {"--tls", "--tlscert", directory_.path() / "tls.crt", "--tlskey", directory_.path() / "tls.key"}};
  MessagingService service{
      .host = "127.0.0.1", .port = server.port(), .ca_file = directory_.path() / "ca.crt"};
  EXPECT_EQ(outcome(service), "ok");
  service.ca_file.clear();
  EXPECT_EQ(outcome(service), "CertificateNotTrusted");
}

/// What a NATS server says to one client after the other, each time as it is told.
class ScriptedNats {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  [[nodiscard]] MessagingService service() const {
    return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port(), .user = "app", .password = "p"};
  }
  /// Takes the next client as far as its PING.
  Socket greet() {
    Socket client = acceptor_.accept();
    say(client, "INFO {}");
    EXPECT_THAT(read(client, "PING\r\n"), testing::HasSubstr("CONNECT {"));
    return client;
  }
  static void say(Socket& client, const std::string& line) {
    boost::asio::write(client, boost::asio::buffer(line + "\r\n"));
  }
  /// All up to and with `end`.
  static std::string read(Socket& client, const std::string& end) {
    std::string text;
    boost::asio::read_until(client, boost::asio::dynamic_buffer(text), end);
    return text;
  }

 private:
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_{
      loop_, {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(0)}};
};

/// Somebody who stays with a server.
class Presence {
 public:
  explicit Presence(const MessagingService& service, std::chrono::milliseconds beat = std::chrono::hours{1})
      : presence_(loop_, service, clock_, {health, 0}, beat) {
    presence_.start();
    thread_ = std::jthread([this] { loop_.run(); });
  }
  ~Presence() {
    boost::asio::post(loop_, [this] { presence_.stop(); });
  }
  bool is_there() {
    return eventually([&] { return health.snapshot().connections == 1; });
  }
  bool says(const std::string& error) {
    return eventually([&] { return health.snapshot().last_error.contains(error); });
  }
  ServiceHealth health{1};

 private:
  SystemClock clock_;
  boost::asio::io_context loop_{1};
  NatsPresence presence_;
  std::jthread thread_;
};

TEST(APresence, KnowsWhetherMessagingCanBeUsed) {
  ScriptedNats nats;
  Presence presence{nats.service()};
  {
    auto client = nats.greet();
    ScriptedNats::say(client, "-ERR 'Authorization Violation'");
    EXPECT_TRUE(presence.says("refuses username and password"));
    EXPECT_EQ(presence.health.snapshot().cause, "LoginRefused");
  }
  auto client = nats.greet();
  ScriptedNats::say(client, "PONG");
  EXPECT_TRUE(presence.is_there());
  EXPECT_EQ(presence.health.snapshot().last_error, "");
  ScriptedNats::say(client, "PING");
  EXPECT_EQ(ScriptedNats::read(client, "\r\n"), "PONG\r\n") << "else the server finds it stale";
  client.close();
  EXPECT_TRUE(presence.says("the connection was lost"));
  EXPECT_EQ(presence.health.snapshot().cause, "Unreachable");
  auto again = nats.greet();
  ScriptedNats::say(again, "PONG");
  EXPECT_TRUE(presence.is_there());
}

TEST(APresence, LeavesAServerThatSaysNothingAnyMore) {
  ScriptedNats nats;
  Presence presence{nats.service(), std::chrono::milliseconds{100}};
  auto client = nats.greet();
  ScriptedNats::say(client, "PONG");
  EXPECT_EQ(ScriptedNats::read(client, "\r\n"), "PING\r\n");
  EXPECT_TRUE(presence.says("the connection was lost"));
}

TEST(APresence, EndsWhenItIsAskedTo) {
  ScriptedNats nats;
  Presence presence{nats.service()};
  auto client = nats.greet();
  ScriptedNats::say(client, "PONG");
  EXPECT_TRUE(presence.is_there());
}

/// What the pod's /readyz says of messaging, of a backend that may need neither that nor a cache.
class BackendWithMessaging : public NatsGreeting {
 protected:
  bool says(RunningBackend& backend, const std::string& cause) {
    return eventually([&] {
      const auto answer = http_get(backend.admin_port(), "/readyz");
      const auto messaging =
          nlohmann::json::parse(answer ? answer->body : "{}").value("messaging", nlohmann::json{});
      return messaging.value("cause", messaging.value("reachable", false) ? "" : "nothing") == cause;
    });
  }
  PostgresServer postgres_;
};

TEST_F(BackendWithMessaging, SaysWhetherItCanBeUsedAndIsReadyMeanwhile) {
  NatsServer server{{"--user", "app", "--pass", "right"}};
  const auto url = [&](const std::string& login) {
    return "nats://" + login + "@127.0.0.1:" + std::to_string(server.port());
  };
  RunningBackend backend{{{"DATABASE_URL", postgres_.url()}, {"NATS_URL", url("app:right")}}};
  EXPECT_TRUE(backend.becomes_ready());
  EXPECT_TRUE(says(backend, ""));
  RunningBackend stranger{{{"DATABASE_URL", postgres_.url()}, {"NATS_URL", url("app:wrong")}}};
  EXPECT_TRUE(says(stranger, "LoginRefused"));
  EXPECT_TRUE(stranger.becomes_ready());
  server.stop();
  EXPECT_TRUE(says(backend, "Unreachable"));
  EXPECT_EQ(backend.readyz(), 200);
}

TEST(NotNats, IsToldApart) {
  const RedisServer redis;
  auto service = MessagingService{.host = "127.0.0.1", .port = redis.service().port};
  // Redis waits for us to speak first.
  EXPECT_EQ(outcome(service), "ConnectTimeout");
  service.host = kNoSuchHost;
  EXPECT_EQ(outcome(service), "HostNotFound");
}

}  // namespace
}  // namespace promptsales::backend
