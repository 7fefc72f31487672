// The real program over HTTPS: its certificate is replaced under load, and it drains, without a failed
// request.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <future>

#include "tests/backend/support/binding_files.hpp"
#include "tests/backend/support/certificates.hpp"
#include "tests/backend/support/running_backend.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/repository.hpp"

namespace promptsales::backend {
namespace {

using ::testing::HasSubstr;

class Https : public ::testing::Test {
 protected:
  void SetUp() override {
    renew();
    backend_.emplace(std::map<std::string, std::string>{{"DATABASE_URL", postgres_.url()},
                                                        {"PROMPTSALES_TLS_DIR", directory_.path()},
                                                        {"PROMPTSALES_LOOPS", "2"}});
    ASSERT_TRUE(backend_->becomes_ready()) << backend_->process().output();
  }
  void renew(const Leaf& leaf = {}) {
    const auto pair = ca_.issue(leaf);
    swap_files(directory_.path(), {{"tls.crt", pair.certificate}, {"tls.key", pair.key}});
  }

  const TemporaryDirectory directory_;
  const CertificateAuthority ca_;
  const PostgresServer postgres_;
  std::optional<RunningBackend> backend_;
};

struct Load {
  int answered = 0;
  int failed = 0;
  int connections = 0;
};

/// Some requests per connection, each answered, until told to stop or until the server says close and is
/// `removed` from the Service.
Load load_until(const std::atomic<bool>& removed, std::uint16_t port, const CertificateAuthority& ca) {
  Load load;
  while (!removed) {
    HttpClient client{port};
    bool open = client.connected() && client.start_tls(client_session(ca));
    ++load.connections;
    if (!open) ++load.failed;
    for (int i = 0; open && i < 20; ++i) {
      const auto answer = client.get("/v1/campaigns?limit=2");
      ++(answer && answer->status == 200 ? load.answered : load.failed);
      open = answer && !answer->fields.contains("connection");
    }
  }
  return load;
}

TEST_F(Https, RenewsUnderLoadWithoutAFailedRequest) {
  std::atomic<bool> enough = false;
  std::vector<std::future<Load>> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(
        std::async(std::launch::async, load_until, std::cref(enough), backend_->http_port(), std::cref(ca_)));
  HttpClient early{backend_->http_port()};
  ASSERT_TRUE(early.start_tls(client_session(ca_)));
  const auto before = backend_->metric("promptsales_tls_certificate_not_after_timestamp_seconds");
  for (int renewal = 1; renewal <= 2; ++renewal) {
    renew({.until = std::chrono::hours{24 * (renewal + 1)}});
    EXPECT_TRUE(eventually([&] {
      return backend_->metric(R"(promptsales_tls_reloads_total{result="applied"})") ==
             std::to_string(renewal);
    }));
    EXPECT_EQ(early.get("/v1/campaigns")->status, 200) << "a connection outlives its certificate";
  }
  EXPECT_NE(backend_->metric("promptsales_tls_certificate_not_after_timestamp_seconds"), before);
  enough = true;
  for (auto& client : clients) {
    const auto load = client.get();
    EXPECT_EQ(load.failed, 0);
    EXPECT_GT(load.connections, 5);
  }
  EXPECT_EQ(backend_->metric("promptsales_tls_failed_handshakes_total"), "0");
}

TEST_F(Https, ABadPairIsReportedAndNothingElse) {
  renew({.until = -std::chrono::hours{1}});
  EXPECT_TRUE(eventually(
      [&] { return backend_->metric(R"(promptsales_tls_reloads_total{result="rejected"})") == "1"; }));
  EXPECT_EQ(backend_->readyz(), 200);
  EXPECT_THAT(http_get(backend_->admin_port(), "/readyz")->body, HasSubstr("has expired"));
  HttpClient client{backend_->http_port()};
  EXPECT_TRUE(client.start_tls(client_session(ca_)));
  EXPECT_EQ(client.get("/v1/campaigns")->status, 200);
}

TEST_F(Https, ADrainUnderLoadFailsNoRequest) {
  std::atomic<bool> removed = false;
  std::vector<std::future<Load>> clients;
  for (int i = 0; i < 6; ++i)
    clients.push_back(std::async(std::launch::async, load_until, std::cref(removed), backend_->http_port(),
                                 std::cref(ca_)));
  HttpClient idle{backend_->http_port()};
  ASSERT_TRUE(idle.start_tls(client_session(ca_)));
  ASSERT_EQ(idle.get("/v1/campaigns")->status, 200);
  backend_->process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return backend_->readyz() == 503; }));
  removed = true;
  for (auto& client : clients) EXPECT_EQ(client.get().failed, 0);
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_EQ(backend_->process().wait(), 0) << backend_->process().output();
}

TEST(HttpsStart, APairThatDoesNotFitEndsItWithOneSentence) {
  const TemporaryDirectory directory;
  const CertificateAuthority ca;
  write_pair({ca.issue().certificate, ca.issue().key}, directory.path());
  Process process{{testing::backend_program()},
                  {.environment = {{"DATABASE_URL", "postgresql://u:p@127.0.0.1:1/d"},
                                   {"PROMPTSALES_HTTP_PORT", "0"},
                                   {"PROMPTSALES_ADMIN_PORT", "0"},
                                   {"PROMPTSALES_TLS_DIR", directory.path()}},
                   .user = ""}};
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.output(), HasSubstr("PROMPTSALES_TLS_DIR: tls.key does not belong"));
}

}  // namespace
}  // namespace promptsales::backend
