// What a status says of certificates.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::APass;
using promptsales::testing::brief;
using promptsales::testing::failed;

const std::string kSelfSigned = "{tier: MVP, tls: {type: SelfSigned}}";

TEST(TlsReady, IsTrueForACertificateThatIsGoodLongEnough) {
  const auto status = APass(kSelfSigned).status();
  EXPECT_EQ(brief(status, "TLSReady"), "True CertificateValid");
  EXPECT_EQ(brief(status, "Ready"), "True Ready");
  EXPECT_EQ(status.at("tls"),
            (Json{{"notAfter", "2027-02-19T10:00:00Z"}, {"caGeneration", 1}, {"phase", "Stable"}}));
  EXPECT_EQ(status.at("backend").at("url"), "https://demo-backend.shop.svc");
}

TEST(TlsReady, SaysWhenACertificateIsNotRenewedInTime) {
  APass pass(kSelfSigned);
  pass.tls->expires_soon = true;
  EXPECT_EQ(brief(pass.status(), "TLSReady"), "True CertificateExpiresSoon");
  EXPECT_EQ(brief(pass.status(), "Ready"), "True Ready") << "it still serves";
}

TEST(TlsReady, IsFalseWithTheReasonOfTheCertificateThatIsAskedFor) {
  APass pass(kSelfSigned);
  pass.tls->readiness = failed("CertificateKeyMismatch", "mend it");
  const auto status = pass.status();
  EXPECT_EQ(brief(status, "TLSReady"), "False CertificateKeyMismatch");
  EXPECT_EQ(brief(status, "Ready"), "False CertificateKeyMismatch");
  EXPECT_EQ(status.at("tls").at("notAfter"), "2027-02-19T10:00:00Z") << "of the one in use";
  EXPECT_TRUE(pass.update().failing);
}

TEST(TlsReady, IsFalseWhenItsObjectsCannotBeWritten) {
  const auto status = APass(kSelfSigned, {{"tls_certificate", failed("NameConflict")}}).status();
  EXPECT_EQ(brief(status, "TLSReady"), "False NameConflict");
  EXPECT_EQ(brief(status, "BackendAvailable"), "True Available");
  EXPECT_EQ(brief(status, "Ready"), "False NameConflict");
}

TEST(TlsReady, KeepsWhatWasSaidWhileAPassIsStopped) {
  APass pass(kSelfSigned);
  const auto before = pass.status();
  const auto status = pass.after(before).stopped_by(Remedy::kWaitForSpecChange, "InvalidSpec").status();
  EXPECT_EQ(brief(status, "TLSReady"), "True CertificateValid");
  EXPECT_EQ(status.at("tls"), before.at("tls"));
}

TEST(TlsReady, IsDisabledAndOfNoAccountWithoutTls) {
  const auto status = APass("{tier: MVP, tls: {type: Disabled}}").status();
  EXPECT_EQ(brief(status, "TLSReady"), "False Disabled");
  EXPECT_EQ(brief(status, "Ready"), "True Ready");
  EXPECT_FALSE(status.contains("tls"));
}

}  // namespace
}  // namespace promptsales::controllers
