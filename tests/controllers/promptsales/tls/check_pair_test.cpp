// Certificates that others have made: what is wrong with them is said, each mistake by its own reason.

#include "controllers/promptsales/tls/check_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/tls/issue.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::a_ca;
using promptsales::testing::a_leaf;
using promptsales::testing::entries_of;
using promptsales::testing::FakeClock;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kHosts{"demo-backend.shop.svc"};

class APair : public ::testing::Test {
 protected:
  void expect_refused(const std::string& reason, const std::string& words) const {
    const auto checked = check_pair(pair, hosts, clock.wall());
    ASSERT_FALSE(checked) << "expected " << reason;
    EXPECT_EQ(checked.error().reason, reason);
    EXPECT_THAT(checked.error().message, HasSubstr(words));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("PRIVATE KEY")));
  }

  FakeClock clock;
  const Issued ca = a_ca(clock.wall());
  const Issued leaf = a_leaf(ca, clock.wall());
  const Issued stranger = a_ca(clock.wall(), 7);
  std::vector<std::string> hosts = kHosts;
  Entries pair = entries_of(leaf);
};

TEST_F(APair, IsGoodUntilItsLeafEnds) {
  const auto checked = check_pair(pair, hosts, clock.wall());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->not_after, leaf.certificate.not_after());
}

TEST_F(APair, IsGoodWithItsCaBesideIt) {
  pair["ca.crt"] = ca.certificate.pem();
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
}

TEST_F(APair, IsGoodWithItsRootInTheChain) {
  pair["tls.crt"] += ca.certificate.pem();
  pair["ca.crt"] = ca.certificate.pem();
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
}

TEST_F(APair, IsGoodIfOneOfSeveralRootsFits) {
  pair["ca.crt"] = stranger.certificate.pem() + ca.certificate.pem();
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
}

TEST_F(APair, IsGoodWithWordsBetweenTheBlocks) {
  pair["tls.crt"] = "subject=demo\n" + pair["tls.crt"] + "\nissuer=ca\n" + ca.certificate.pem();
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
}

TEST_F(APair, IsIncompleteWhileHalfOfItIsWritten) {
  for (const std::string entry : {"tls.crt", "tls.key"}) {
    pair = entries_of(leaf);
    pair.erase(entry);
    expect_refused("CertificateIncomplete", entry + " is missing");
    pair[entry] = "";
    expect_refused("CertificateIncomplete", entry + " is missing or empty");
    pair[entry] = " \n";
    expect_refused("CertificateIncomplete", entry + " is missing or empty");
  }
}

TEST_F(APair, IsUnreadableIfItIsNotPem) {
  pair["tls.crt"] = "not a certificate";
  expect_refused("CertificateUnreadable", "tls.crt holds no block");
  pair["tls.crt"] = leaf.certificate.pem().substr(0, 300);
  expect_refused("CertificateUnreadable", "tls.crt cannot be read: certificate 1 is damaged");
  pair["tls.crt"] = leaf.certificate.pem() + ca.certificate.pem().substr(0, 300);
  expect_refused("CertificateUnreadable", "certificate 2 is damaged");
  pair["tls.crt"] = leaf.key.pem();
  expect_refused("CertificateUnreadable", "tls.crt holds no block");
  pair = entries_of(leaf);
  pair["tls.key"] = leaf.certificate.pem();
  expect_refused("CertificateUnreadable", "tls.key cannot be read");
  pair = entries_of(leaf);
  pair["ca.crt"] = "nonsense";
  expect_refused("CertificateUnreadable", "ca.crt holds no block");
}

TEST_F(APair, IsUnreadableIfTheKeyWantsAPassPhrase) {
  pair["tls.key"] =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjXVm8V0Y8fYgICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGfb\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  expect_refused("CertificateUnreadable",
                 "tls.key cannot be read: no private key in PEM without a pass phrase");
}

TEST_F(APair, HasTheKeyOfAnother) {
  pair["tls.key"] = stranger.key.pem();
  expect_refused("CertificateKeyMismatch", "tls.key is not the key of the first certificate");
}

TEST_F(APair, HasItsChainUpsideDown) {
  pair["tls.crt"] = ca.certificate.pem() + leaf.certificate.pem();
  expect_refused("CertificateKeyMismatch", "leaf first");
}

TEST_F(APair, HasAChainThatIsBroken) {
  pair["tls.crt"] += stranger.certificate.pem();
  expect_refused("CertificateChainBroken", "certificate 1 of tls.crt");
}

TEST_F(APair, IsSignedByNoneOfItsRoots) {
  pair["ca.crt"] = stranger.certificate.pem();
  expect_refused("CertificateChainBroken", "is signed by none of ca.crt");
}

// Same name, other key: only the signature tells.
TEST_F(APair, IsNotSignedByACaThatOnlyHasTheNameOfItsOwn) {
  pair["ca.crt"] = a_ca(clock.wall()).certificate.pem();
  expect_refused("CertificateChainBroken", "is signed by none of ca.crt");
}

TEST_F(APair, HasExpiredToTheSecond) {
  clock.advance(kLeafLife - std::chrono::seconds{1});
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
  clock.advance(std::chrono::seconds{1});
  expect_refused("CertificateExpired", "expired at 1970-04-01T00:16:40Z");
}

TEST_F(APair, MayHaveACaThatNeverEnds) {
  ASSERT_EQ(ASN1_TIME_set_string(X509_getm_notAfter(ca.certificate.get()), "99991231235959Z"), 1);
  ASSERT_GT(X509_sign(ca.certificate.get(), ca.key.get(), EVP_sha256()), 0);
  pair["ca.crt"] = ca.certificate.pem();
  const auto checked = check_pair(pair, hosts, clock.wall());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->not_after, leaf.certificate.not_after());
}

TEST_F(APair, HasExpiredWithTheCaAboveIt) {
  const Issued old_ca = a_ca(clock.wall() - days{364});
  pair = entries_of(a_leaf(old_ca, clock.wall()));
  pair["ca.crt"] = old_ca.certificate.pem();
  const auto checked = check_pair(pair, hosts, clock.wall());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->not_after, old_ca.certificate.not_after());
  clock.advance(days{1});
  expect_refused("CertificateExpired", "renew it");
}

TEST_F(APair, IsNotValidYet) {
  pair = entries_of(a_leaf(ca, clock.wall() + days{1}));
  expect_refused("CertificateNotYetValid", "is valid from 1970-01-02T00:11:40Z on only");
  clock.advance(days{1});
  EXPECT_TRUE(check_pair(pair, hosts, clock.wall()));
}

TEST_F(APair, IsForOtherHosts) {
  hosts = {"demo-backend.shop.svc", "api.example.com"};
  expect_refused("CertificateNameMismatch",
                 "is not for api.example.com: its names are demo-backend.shop.svc");
}

struct HostCase {
  std::string name;
  std::string in_certificate;
  std::string asked;
  bool covered;
};

void PrintTo(const HostCase& row, std::ostream* out) { *out << row.in_certificate << " for " << row.asked; }

class Host : public ::testing::TestWithParam<HostCase> {};

TEST_P(Host, IsCoveredAsClientsSeeIt) {
  const FakeClock clock;
  const auto leaf = a_leaf(a_ca(clock.wall()), clock.wall(), {GetParam().in_certificate});
  EXPECT_EQ(leaf.certificate.covers(GetParam().asked), GetParam().covered);
}

INSTANTIATE_TEST_SUITE_P(
    Names, Host,
    ::testing::Values(HostCase{"Itself", "api.example.com", "api.example.com", true},
                      HostCase{"InCapitals", "API.example.com", "api.example.com", true},
                      HostCase{"OneLabelByAWildcard", "*.example.com", "api.example.com", true},
                      HostCase{"NotTwoLabels", "*.example.com", "a.api.example.com", false},
                      HostCase{"NotTheDomain", "*.example.com", "example.com", false},
                      HostCase{"AWildcardByItself", "*.example.com", "*.example.com", true},
                      HostCase{"NotAWildcardByOneName", "api.example.com", "*.example.com", false},
                      HostCase{"NotAPartOfALabel", "a*.example.com", "api.example.com", false},
                      // The common name of every leaf here is demo-backend.
                      HostCase{"NotTheCommonName", "api.example.com", "demo-backend", false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::controllers::tls
