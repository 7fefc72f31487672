#include "operator/client/current_identity.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "tests/support/fake_clock.hpp"

namespace promptsales::client {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::function<void(BIO*)>& write) {
  BIO* out = BIO_new(BIO_s_mem());
  write(out);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  std::string result{text, static_cast<std::size_t>(size)};
  BIO_free(out);
  return result;
}

/// A certificate that signs itself, and its key, as PEM.
struct Pair {
  Pair() {
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_pubkey(made, pair);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_sign(made, pair, EVP_sha256());
    certificate = text_of([&](BIO* out) { PEM_write_bio_X509(out, made); });
    key = text_of(
        [&](BIO* out) { PEM_write_bio_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(made);
    EVP_PKEY_free(pair);
  }
  std::string certificate, key;
};

class ACurrentIdentity : public ::testing::Test {
 protected:
  ACurrentIdentity() {
    files.reread = [this]() -> Result<Config> {
      ++readings;
      if (!there) return failure(Remedy::kShutDown, "BadKubeconfig", "it cannot be read");
      return files;
    };
    identity = CurrentIdentity::of(files, clock).value();
    first = identity->get();
  }

  testing::FakeClock clock;
  Pair ca, client;
  Config files{.server = "https://h",
               .ca_pem = ca.certificate,
               .client_cert_pem = client.certificate,
               .client_key_pem = client.key,
               .source = "a test"};
  bool there = true;
  int readings = 0;
  std::unique_ptr<CurrentIdentity> identity;
  CurrentIdentity::Ptr first;
};

TEST_F(ACurrentIdentity, StaysTheSameAsLongAsItsFilesDo) {
  clock.advance(30s);
  EXPECT_EQ(identity->get(), first);
  EXPECT_EQ(readings, 1);
}

TEST_F(ACurrentIdentity, FollowsANewCaWithinThirtySeconds) {
  files.ca_pem = Pair{}.certificate;
  clock.advance(29s);
  EXPECT_EQ(identity->get(), first);
  clock.advance(1s);
  EXPECT_NE(identity->get(), first);
}

TEST_F(ACurrentIdentity, FollowsANewClientCertificateAtOnceWhenTheServerRefusesTheFormer) {
  const Pair renewed;
  files.client_cert_pem = renewed.certificate;
  files.client_key_pem = renewed.key;
  identity->refused();
  EXPECT_NE(identity->get(), first);
}

TEST_F(ACurrentIdentity, IsTheLastGoodOneWhileItsFilesAreGoneOrHalfWritten) {
  there = false;
  clock.advance(30s);
  EXPECT_EQ(identity->get(), first);
  there = true;
  files.client_cert_pem = Pair{}.certificate;  // its key is still the former one
  clock.advance(30s);
  EXPECT_EQ(identity->get(), first);
  files.ca_pem = "-----BEGIN CERTIFICATE-----\nMII";
  clock.advance(30s);
  EXPECT_EQ(identity->get(), first);
}

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(ACurrentIdentity, SaysTheSameTroubleAgainWhenItHadBeenGone) {
  ::testing::internal::CaptureStdout();  // where the log goes
  for (const bool readable : {false, false, true, false}) {
    there = readable;
    clock.advance(30s);
    (void)identity->get();
  }
  EXPECT_EQ(count(::testing::internal::GetCapturedStdout(), "it cannot be read"), 2);
}

}  // namespace
}  // namespace promptsales::client
