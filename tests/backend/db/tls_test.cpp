// libpq's TLS as we set it, against a real Postgres.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "backend/db/connector.hpp"
#include "tests/backend/support/on_a_loop.hpp"
#include "tests/backend/support/servers.hpp"

namespace promptsales::backend {
namespace {

/// "" if the connection was made, else the reason.
std::string outcome(const DatabaseService& service) {
  return on_a_loop([&](auto& loop) -> boost::asio::awaitable<std::string> {
    const auto connection = co_await connect_postgres(loop, service, std::chrono::seconds{5});
    co_return connection ? (PQsslInUse(connection->get()) == 1 ? "TLS" : "plain") : connection.error().reason;
  });
}

class TlsPostgres : public testing::Test {
 protected:
  DatabaseService with(const std::string& sslmode, const CertificateAuthority* trusted = nullptr) {
    auto service = server_.service();
    service.sslmode = sslmode;
    if (trusted != nullptr) {
      service.sslrootcert = directory_.path() / "ca.crt";
      std::ofstream{service.sslrootcert} << trusted->pem();
    }
    return service;
  }

  const TemporaryDirectory directory_;
  const CertificateAuthority ca_;
  const CertificateAuthority stranger_{"Another CA"};
  const PostgresServer server_{ca_.issue()};
};

TEST_F(TlsPostgres, IsSpokenToAsTheModeSays) {
  EXPECT_EQ(outcome(with("disable")), "plain");
  EXPECT_EQ(outcome(with("require")), "TLS");
  EXPECT_EQ(outcome(with("verify-ca", &ca_)), "TLS");
  EXPECT_EQ(outcome(with("verify-full", &ca_)), "TLS");
}

TEST_F(TlsPostgres, IsRefusedWhenAnotherCaSignedIt) {
  EXPECT_EQ(outcome(with("verify-ca", &stranger_)), "CertificateNotTrusted");
  EXPECT_EQ(outcome(with("verify-full", &stranger_)), "CertificateNotTrusted");
}

TEST_F(TlsPostgres, SaysWhenItTakesAUserOverTlsOnly) {
  (void)server_.ask("CREATE ROLE tls_only LOGIN PASSWORD 'pw'");
  auto service = with("disable");
  service.user = "tls_only";
  service.password = "pw";
  EXPECT_EQ(outcome(service), "TlsRequired");
  service.sslmode = "require";
  EXPECT_EQ(outcome(service), "TLS");
}

TEST_F(TlsPostgres, AFileThatIsNoCertificateIsNamed) {
  auto service = with("verify-full", &ca_);
  std::ofstream{service.sslrootcert} << "no certificate\n";
  EXPECT_EQ(outcome(service), "BadCa");
}

TEST(TlsPostgresServer, IsRefusedUnderAnotherNameInVerifyFullOnly) {
  const TemporaryDirectory directory;
  const CertificateAuthority ca;
  const PostgresServer server{ca.issue({.names = {"db.example"}})};
  auto service = server.service();
  service.sslrootcert = directory.path() / "ca.crt";
  std::ofstream{service.sslrootcert} << ca.pem();
  service.sslmode = "verify-full";
  EXPECT_EQ(outcome(service), "CertificateWrongName");
  service.sslmode = "verify-ca";
  EXPECT_EQ(outcome(service), "TLS");
}

TEST(TlsPostgresServer, IsRefusedOnceItsCertificateIsOutOfDate) {
  const TemporaryDirectory directory;
  const CertificateAuthority ca;
  const PostgresServer server{ca.issue({.until = -std::chrono::seconds{1}})};
  auto service = server.service();
  service.sslmode = "verify-full";
  service.sslrootcert = directory.path() / "ca.crt";
  std::ofstream{service.sslrootcert} << ca.pem();
  EXPECT_EQ(outcome(service), "CertificateNotTrusted");
}

TEST(PlainPostgresServer, EveryCauseHasItsReason) {
  PostgresServer server;
  (void)server.ask("CREATE ROLE app LOGIN PASSWORD 'right'");
  (void)server.ask("CREATE DATABASE closed");
  (void)server.ask("REVOKE CONNECT ON DATABASE closed FROM public");
  auto good = server.service();
  good.user = "app";
  good.password = "right";
  const auto but = [&](auto change) {
    auto service = good;
    change(service);
    return outcome(service);
  };
  EXPECT_EQ(outcome(good), "plain");
  EXPECT_EQ(but([](auto& s) { s.password = "wrong"; }), "WrongPassword");
  EXPECT_EQ(but([](auto& s) { s.user = "nobody"; }), "WrongPassword");
  EXPECT_EQ(but([](auto& s) { s.password = ""; }), "MissingPassword");
  EXPECT_EQ(but([](auto& s) { s.database = "none"; }), "DatabaseDoesNotExist");
  EXPECT_EQ(but([](auto& s) { s.database = "closed"; }), "PermissionDenied");
  EXPECT_EQ(but([](auto& s) { s.sslmode = "require"; }), "TlsRefused");
  EXPECT_EQ(but([](auto& s) { s.host = kNoSuchHost; }), "HostNotFound");
  server.stop();
  EXPECT_EQ(outcome(good), "ConnectionRefused");
}

}  // namespace
}  // namespace promptsales::backend
