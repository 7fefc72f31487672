// Against a real NATS server.

#include "backend/commands/nats_greeting.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "backend/commands/check.hpp"
#include "tests/backend/support/http_client.hpp"
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
