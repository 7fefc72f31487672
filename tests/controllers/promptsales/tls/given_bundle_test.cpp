// CAs that a user trusts: which texts are good, and how they are kept beside the operator's own.

#include "controllers/promptsales/tls/given_bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::controllers::tls {
namespace {

using k8s::Json;
using promptsales::testing::a_ca;
using promptsales::testing::a_leaf;
using promptsales::testing::FakeClock;
using ::testing::HasSubstr;
using ::testing::Not;

class ABundle : public ::testing::Test {
 protected:
  void expect_refused(const std::string& text, const std::string& reason, const std::string& words) const {
    const auto checked = check_bundle(text, clock.wall());
    ASSERT_FALSE(checked) << "expected " << reason;
    EXPECT_EQ(checked.error().reason, reason);
    EXPECT_EQ(checked.error().remedy, Remedy::kWaitForChange);
    EXPECT_THAT(checked.error().message, HasSubstr(words));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("BEGIN PRIVATE")));
  }

  FakeClock clock;
  const Issued one = a_ca(clock.wall());
  const Issued two = a_ca(clock.wall() + days{10}, 2);
};

TEST_F(ABundle, IsItsCertificatesAloneEachOnce) {
  const auto checked = check_bundle("# ours\n" + one.certificate.pem() + "issuer=x\n" +
                                        two.certificate.pem() + one.certificate.pem() + one.key.pem(),
                                    clock.wall());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->pem, one.certificate.pem() + two.certificate.pem());
  EXPECT_EQ(checked->not_after, two.certificate.not_after());
}

TEST_F(ABundle, MayHoldACaThatHasEndedAmongOthers) {
  const Issued ended = a_ca(clock.wall() - days{400}, 3);
  EXPECT_TRUE(check_bundle(ended.certificate.pem() + one.certificate.pem(), clock.wall()));
  expect_refused(ended.certificate.pem(), "CABundleExpired", "put those that follow them into it");
}

TEST_F(ABundle, IsRefusedWithTheRemedy) {
  expect_refused("", "CABundleInvalid", "holds no block BEGIN CERTIFICATE");
  expect_refused("certificates", "CABundleInvalid", "holds no block BEGIN CERTIFICATE");
  expect_refused(one.key.pem(), "CABundleInvalid", "holds no block BEGIN CERTIFICATE");
  expect_refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "CABundleInvalid",
                 "cannot be read");
  std::string half = one.certificate.pem();
  half.resize(half.size() / 2);
  expect_refused(half, "CABundleInvalid", "BEGIN CERTIFICATE");
  expect_refused(one.certificate.pem() + a_leaf(one, clock.wall()).certificate.pem(), "CABundleInvalid",
                 "demo-backend, which is no CA: put the CA that signed it");
}

TEST(TheBundleOfClients, HoldsBothPartsAndTellsThemApart) {
  EXPECT_EQ(bundle_data("own", ""), (Json{{"ca.crt", "own"}}));
  EXPECT_EQ(bundle_data("own", "given"), (Json{{"ca.crt", "owngiven"}, {"own-ca.crt", "own"}}));
  struct Parts {
    std::string own;
    std::string given;
  };
  for (const auto& [own, given] : {Parts{"own", ""}, {"own", "given"}, {"", "given"}, {"", ""}}) {
    const Json map{{"data", bundle_data(own, given)}};
    EXPECT_EQ(own_part(map), own);
    EXPECT_EQ(given_part(map), given);
  }
}

TEST(TheBundleOfClients, GivesNothingWhenSomebodyHasWrittenAnotherOne) {
  EXPECT_EQ(given_part({{"data", {{"ca.crt", "else"}, {"own-ca.crt", "own"}}}}), "");
  EXPECT_EQ(given_part(Json::object()), "");
  EXPECT_EQ(own_part(Json::object()), "");
}

}  // namespace
}  // namespace promptsales::controllers::tls
