#include "backend/tls/certificate_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/backend/support/binding_files.hpp"
#include "tests/backend/support/certificates.hpp"

namespace promptsales::backend {
namespace {

using testing::HasSubstr;

/// The wall clock, some time later.
class LaterClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return SystemClock{}.now() + later; }
  [[nodiscard]] WallTime wall() const override { return SystemClock{}.wall() + later; }
  std::chrono::seconds later{0};
};

class KeptCertificate : public testing::Test {
 protected:
  void write(const PemPair& pair) { write(pair.certificate, pair.key); }
  void write(const std::string& certificate, const std::string& key) {
    swap_files(directory_.path(), {{"tls.crt", certificate}, {"tls.key", key}});
  }
  void open() {
    auto opened = CertificateKeeper::open(directory_.path(), clock_, health_);
    ASSERT_TRUE(opened) << opened.error().message;
    keeper_ = std::move(*opened);
  }
  void look_twice() {
    keeper_->look();
    keeper_->look();
  }
  [[nodiscard]] std::string served() const {
    const auto session = keeper_->new_session();
    const auto* serial = X509_get0_serialNumber(SSL_get_certificate(session.get()));
    return std::to_string(ASN1_INTEGER_get(serial));
  }
  [[nodiscard]] TlsHealth health() const {
    return health_.with([](const TlsHealth& tls) { return tls; });
  }

  const TemporaryDirectory directory_;
  const CertificateAuthority ca_;
  const PemPair good_ = ca_.issue();
  LaterClock clock_;
  Guarded<TlsHealth> health_;
  std::unique_ptr<CertificateKeeper> keeper_;
};

TEST_F(KeptCertificate, IsReplacedWhenTheFilesAreAndStayTheSameForALook) {
  write(good_);
  open();
  const auto before = served();
  write(ca_.issue({.until = std::chrono::hours{48}}));
  keeper_->look();
  EXPECT_EQ(served(), before);
  keeper_->look();
  EXPECT_NE(served(), before);
  EXPECT_EQ(health().applied, 1U);
  EXPECT_GT(*health().not_after, clock_.wall() + std::chrono::hours{47});
  look_twice();
  EXPECT_EQ(health().applied, 1U) << "the same files are no news";
}

struct BadPair {
  const char* name;
  PemPair (*make)(const CertificateAuthority& ca, const PemPair& good);
  const char* says;
};
class BadPairs : public KeptCertificate, public testing::WithParamInterface<BadPair> {};
TEST_P(BadPairs, LeaveTheGoodOneInUseUntilTheyAreMended) {
  write(good_);
  open();
  const auto before = served();
  write(GetParam().make(ca_, good_));
  for (int i = 0; i < 5; ++i) keeper_->look();
  EXPECT_EQ(served(), before);
  EXPECT_THAT(health().error, HasSubstr(GetParam().says));
  EXPECT_EQ(health().rejected, 1U);
  EXPECT_EQ(health().error.find("PRIVATE"), std::string::npos);
  write(ca_.issue());
  look_twice();
  EXPECT_NE(served(), before);
  EXPECT_EQ(health().error, "");
}
INSTANTIATE_TEST_SUITE_P(
    Files, BadPairs,
    testing::Values(
        BadPair{"OfTwoPairs",
                [](auto& ca, auto& good) {
                  return PemPair{ca.issue().certificate, good.key};
                },
                "does not belong to"},
        BadPair{"HalfWritten",
                [](auto&, auto& good) {
                  return PemPair{good.certificate.substr(0, good.certificate.size() - 30), good.key};
                },
                "tls.crt is not a whole chain"},
        BadPair{"WithHalfAKey",
                [](auto&, auto& good) {
                  return PemPair{good.certificate, good.key.substr(0, 60)};
                },
                "tls.key is not a private key"},
        BadPair{"Empty", [](auto&, auto&) { return PemPair{}; }, "tls.crt is not a whole chain"},
        BadPair{"Expired", [](auto& ca, auto&) { return ca.issue({.until = -std::chrono::seconds{1}}); },
                "has expired"},
        BadPair{"OfTheFuture",
                [](auto& ca, auto&) {
                  return ca.issue({.from = std::chrono::hours{1}, .until = std::chrono::hours{2}});
                },
                "valid from"}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST_F(KeptCertificate, OfTheFutureIsTakenWhenItsTimeComes) {
  write(good_);
  open();
  const auto before = served();
  write(ca_.issue({.from = std::chrono::hours{1}, .until = std::chrono::hours{9}}));
  look_twice();
  EXPECT_EQ(served(), before);
  clock_.later = std::chrono::hours{2};
  keeper_->look();
  EXPECT_NE(served(), before);
  EXPECT_EQ(health().error, "");
}

TEST_F(KeptCertificate, SurvivesFilesThatGoAndComeBack) {
  write(good_);
  open();
  const auto before = served();
  std::filesystem::remove(directory_.path() / "..data");
  for (int i = 0; i < 3; ++i) keeper_->look();
  EXPECT_EQ(served(), before);
  EXPECT_THAT(health().error, HasSubstr("tls.crt"));
  EXPECT_EQ(health().rejected, 1U);
  write(good_);
  look_twice();
  EXPECT_EQ(health().error, "");
  EXPECT_EQ(health().applied, 0U);
}

TEST_F(KeptCertificate, IsServedEvenExpiredWhereThereIsNoBetterOne) {
  write(ca_.issue({.until = -std::chrono::seconds{1}}));
  open();
  EXPECT_THAT(health().error, HasSubstr("has expired"));
  EXPECT_TRUE(health().not_after);
}

TEST_F(KeptCertificate, IsNeededToStart) {
  EXPECT_EQ(CertificateKeeper::open(directory_.path(), clock_, health_).error().reason,
            "CertificateUnreadable");
  write(ca_.issue().certificate, good_.key);
  EXPECT_EQ(CertificateKeeper::open(directory_.path(), clock_, health_).error().reason,
            "CertificateMismatch");
}

}  // namespace
}  // namespace promptsales::backend
