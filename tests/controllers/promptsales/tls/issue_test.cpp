// What our certificates say, as another implementation would read it.

#include "controllers/promptsales/tls/issue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <memory>
#include <set>

#include "tests/support/certificates.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::a_ca;
using promptsales::testing::a_leaf;
using promptsales::testing::FakeClock;
using promptsales::testing::must;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Issuing : public ::testing::Test {
 protected:
  /// What OpenSSL's verification says of a leaf at a time: X509_V_OK or why not.
  static int verified(const Certificate& leaf, const Certificate& ca, WallTime at, int purpose) {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(), X509_STORE_free};
    X509_STORE_add_cert(store.get(), ca.get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{X509_STORE_CTX_new(),
                                                                                  X509_STORE_CTX_free};
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(at));
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
  }
  static int serial_bits(const Certificate& certificate) {
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr), BN_free};
    return BN_is_negative(number.get()) ? -1 : BN_num_bits(number.get());
  }

  FakeClock clock;
  const WallTime now = clock.wall();
};

TEST_F(Issuing, ALeafIsGoodForServersAndForClients) {
  const auto ca = a_ca(now);
  const auto leaf = a_leaf(ca, now);
  EXPECT_EQ(verified(leaf.certificate, ca.certificate, now, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verified(leaf.certificate, ca.certificate, now, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
}

TEST_F(Issuing, NobodyCanSignWithALeaf) {
  const auto leaf = a_leaf(a_ca(now), now);
  EXPECT_FALSE(leaf.certificate.is_ca());
  const auto forged = a_leaf(leaf, now);
  EXPECT_FALSE(forged.certificate.is_signed_by(leaf.certificate));
}

TEST_F(Issuing, ACaSignsLeavesAndNoFurtherCas) {
  const auto ca = a_ca(now);
  EXPECT_TRUE(ca.certificate.is_ca());
  EXPECT_EQ(X509_get_pathlen(ca.certificate.get()), 0);
  EXPECT_EQ(X509_get_key_usage(ca.certificate.get()), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
}

TEST_F(Issuing, ALeafLastsNinetyDaysAndACaAYear) {
  const auto ca = a_ca(now);
  const auto leaf = a_leaf(ca, now);
  EXPECT_EQ(leaf.certificate.not_after(), now + days{90});
  EXPECT_EQ(ca.certificate.not_after(), now + days{365});
}

TEST_F(Issuing, ValidityBeginsFiveMinutesEarlierForClocksThatAreBehind) {
  const auto ca = a_ca(now);
  const auto leaf = a_leaf(ca, now);
  for (const auto& each : {ca.certificate, leaf.certificate})
    EXPECT_EQ(each.not_before(), now - std::chrono::minutes{5});
  EXPECT_EQ(
      verified(leaf.certificate, ca.certificate, now - std::chrono::minutes{4}, X509_PURPOSE_SSL_SERVER),
      X509_V_OK);
}

TEST_F(Issuing, ALeafNeverOutlivesItsCa) {
  const auto ca = a_ca(now);
  const auto leaf = a_leaf(ca, now + days{330});
  EXPECT_EQ(leaf.certificate.not_after(), ca.certificate.not_after());
}

TEST_F(Issuing, SerialNumbersAreLargePositiveAndNeverTwiceTheSame) {
  const auto ca = a_ca(now);
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    const auto leaf = a_leaf(ca, now);
    const auto bits = serial_bits(leaf.certificate);
    EXPECT_GT(bits, 100);
    EXPECT_LE(bits, 159);
    EXPECT_TRUE(seen.insert(leaf.certificate.pem()).second);
  }
}

TEST_F(Issuing, ALeafHasItsNamesInOrderAndItsIdentity) {
  const auto leaf = a_leaf(a_ca(now), now, {"demo-backend", "demo-backend.shop", "*.example.com"});
  EXPECT_THAT(leaf.certificate.dns_names(),
              ElementsAre("demo-backend", "demo-backend.shop", "*.example.com"));
  EXPECT_THAT(leaf.certificate.uris(), ElementsAre("spiffe://a/b"));
}

TEST_F(Issuing, ANameIsPutInAsItIsWhateverItHolds) {
  const auto leaf = a_leaf(a_ca(now), now, {"a.example,DNS:evil.example", "email:x"});
  EXPECT_THAT(leaf.certificate.dns_names(), ElementsAre("a.example,DNS:evil.example", "email:x"));
}

TEST_F(Issuing, TwoCasNeverHaveOneName) {
  const auto first = must(make_authority({"shop", "demo", "uid", 1}, now)).certificate.subject();
  EXPECT_THAT(first, HasSubstr("CN=demo PromptSales CA 1"));
  for (const AuthorityName& other : std::vector<AuthorityName>{{"shop", "demo", "uid", 2},
                                                               {"shop", "demo", "uid of another time", 1},
                                                               {"shop", "other", "uid", 1},
                                                               {"bar", "demo", "uid", 1}})
    EXPECT_NE(must(make_authority(other, now)).certificate.subject(), first);
}

TEST_F(Issuing, ACaTellsItsGeneration) {
  EXPECT_EQ(generation_of(a_ca(now, 1).certificate), 1);
  EXPECT_EQ(generation_of(a_ca(now, 42).certificate), 42);
  EXPECT_EQ(generation_of(a_leaf(a_ca(now), now).certificate), 0);
}

TEST_F(Issuing, TheLongestNamesFit) {
  const auto ca =
      must(make_authority({std::string(63, 'n'), std::string(253, 'a'), std::string(36, 'u'), 9}, now));
  EXPECT_EQ(generation_of(ca.certificate), 9);
  const auto leaf =
      must(make_leaf(ca, {std::string(300, 'a'), {std::string(253, 'b')}, "spiffe://a/b"}, now));
  EXPECT_TRUE(leaf.certificate.is_signed_by(ca.certificate));
}

TEST_F(Issuing, KeysAndCertificatesReadBackAsTheyWere) {
  const auto leaf = a_leaf(a_ca(now), now);
  const auto key = must(PrivateKey::parse(leaf.key.pem()));
  EXPECT_TRUE(leaf.certificate.belongs_to(key));
  EXPECT_EQ(key.pem(), leaf.key.pem());
  const auto again = must(Certificate::parse_all(leaf.certificate.pem()));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front(), leaf.certificate);
  EXPECT_EQ(again.front().pem(), leaf.certificate.pem());
}

}  // namespace
}  // namespace promptsales::controllers::tls
