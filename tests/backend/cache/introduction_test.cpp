// The way to a real Redis: TLS, trust, and the credentials.

#include "backend/cache/introduction.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <fstream>

#include "backend/net/dial.hpp"
#include "tests/backend/support/on_a_loop.hpp"
#include "tests/backend/support/servers.hpp"

namespace promptsales::backend {
namespace {

const SystemClock kClock;

/// "ok" or the reason.
std::string outcome(const CacheService& service) {
  return on_a_loop([service](auto& loop) -> boost::asio::awaitable<std::string> {
    const auto channel = co_await dial(loop, service.destination(), std::chrono::seconds{5});
    if (!channel) co_return channel.error().reason;
    const auto link = std::make_shared<RedisLink>(loop, *channel, kClock, std::chrono::seconds{5});
    boost::asio::co_spawn(loop, RedisLink::serve(link), boost::asio::detached);
    const auto accepted = co_await introduce(link, std::make_shared<const CacheService>(service));
    link->close();
    co_return accepted ? "ok" : accepted.error().reason;
  });
}

class RedisBinding : public testing::Test {
 protected:
  std::string ca_file(const CertificateAuthority& ca) {
    const auto file = directory_.path() / ("ca" + std::to_string(++files_));
    std::ofstream{file} << ca.pem();
    return file;
  }
  const TemporaryDirectory directory_;
  const CertificateAuthority ca_;
  int files_ = 0;
};

TEST_F(RedisBinding, TlsIsSpokenWithAServerThatIsTrustedUnderItsName) {
  const RedisServer server{ca_.issue()};
  auto service = server.service();
  service.tls = true;
  service.ca_file = ca_file(ca_);
  EXPECT_EQ(outcome(service), "ok");
  service.password = "wrong";
  EXPECT_EQ(outcome(service), "WrongPassword");
  service.ca_file = ca_file(CertificateAuthority{});
  EXPECT_EQ(outcome(service), "CertificateNotTrusted");
  service.ca_file.clear();
  EXPECT_EQ(outcome(service), "CertificateNotTrusted") << "the machine does not trust the test's CA";
  service.ca_file = directory_.path() / "missing";
  EXPECT_EQ(outcome(service), "BadCa");
}

TEST_F(RedisBinding, AServerOfAnotherNameIsRefused) {
  const RedisServer server{ca_.issue({.names = {"cache.example"}})};
  auto service = server.service();
  service.tls = true;
  service.ca_file = ca_file(ca_);
  EXPECT_EQ(outcome(service), "CertificateWrongName");
}

TEST_F(RedisBinding, EveryCauseHasItsReason) {
  RedisServer server;
  const auto good = server.service();
  const auto but = [&](auto change) {
    auto service = good;
    change(service);
    return outcome(service);
  };
  EXPECT_EQ(outcome(good), "ok");
  EXPECT_EQ(but([](auto& s) { s.password = "wrong"; }), "WrongPassword");
  EXPECT_EQ(but([](auto& s) { s.password = ""; }), "MissingPassword");
  EXPECT_EQ(but([](auto& s) { s.database = 99; }), "CacheRefused");
  EXPECT_EQ(but([](auto& s) { s.tls = true; }), "TlsRefused");
  EXPECT_EQ(but([](auto& s) { s.host = kNoSuchHost; }), "HostNotFound");
  server.stop();
  EXPECT_EQ(outcome(good), "ConnectionRefused");
}

}  // namespace
}  // namespace promptsales::backend
