// A certificate that the user provides: taken when it is good, reported when it is not, and never waited for
// longer than it takes to mend it.

#include <gmock/gmock.h>

#include "operator/k8s/time.hpp"
#include "tests/integration/support/certificate_objects.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::tls::days;
using controllers::tls::Entries;
using k8s::Json;
using ::testing::HasSubstr;

class UsersCertificate : public WithOperator {
 protected:
  static constexpr const char* kSpec = "{tier: MVP, tls: {type: Secret, secretRef: {name: cert}}}";

  controllers::tls::Issued a_good_one(std::chrono::system_clock::time_point when) {
    return a_leaf(ca, when, {"demo-backend." + server.ns() + ".svc"});
  }
  controllers::tls::Issued a_good_one() { return a_good_one(server.clock().wall()); }
  void provide(const Entries& entries) {
    server.remove(kSecret, "cert");
    server.apply(kSecret, a_tls_secret("cert", entries));
  }
  Entries in_use() { return entries_in(server.get(kSecret, "demo-tls")); }
  bool says(const std::string& reason) {
    return eventually([&] { return reason_of("demo", "TLSReady") == reason; });
  }

  const controllers::tls::Issued ca = a_ca(server.clock().wall());
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(UsersCertificate, IsWaitedForWithoutABackendAndWithAllElse) {
  create("demo", kSpec);
  ASSERT_TRUE(becomes("demo", "SecretMissing")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "TLSReady"), "SecretMissing");
  EXPECT_THAT(message_of("demo", "TLSReady"), HasSubstr("/cert does not exist: create it with tls.crt"));
  EXPECT_FALSE(server.get(kStatefulSet, "demo-database").is_null());
  EXPECT_TRUE(server.get(kDeployment, "demo-backend").is_null());

  const auto pair = entries_of(a_good_one());
  provide(pair);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(in_use().at("tls.key"), pair.at("tls.key"));
  EXPECT_EQ(in_use().at("ca.crt"), "");
  EXPECT_EQ(server.get(kService, "demo-backend").at("spec").at("ports").at(0).at("name"), "https");
  EXPECT_EQ(reason_of("demo", "TLSReady"), "CertificateValid");
  EXPECT_TRUE(server.get(kSecret, "demo-ca").is_null());
}

TEST_F(UsersCertificate, ThatIsBadIsReportedByItsOwnReasonAndLeavesTheGoodOneInUse) {
  provide(entries_of(a_good_one()));
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const Entries good = in_use();
  const auto now = server.clock().wall();

  struct Mistake {
    const char* reason;
    Entries entries;
  };
  Entries half = entries_of(a_good_one());
  half.erase("tls.key");
  Entries mixed = entries_of(a_good_one());
  mixed["tls.key"] = good.at("tls.key");
  Entries foreign = entries_of(a_good_one());
  foreign["ca.crt"] = a_ca(now, 9).certificate.pem();
  for (const auto& [reason, entries] :
       std::vector<Mistake>{{"CertificateIncomplete", half},
                            {"CertificateUnreadable", {{"tls.crt", "x"}, {"tls.key", "y"}}},
                            {"CertificateKeyMismatch", mixed},
                            {"CertificateChainBroken", foreign},
                            {"CertificateExpired", entries_of(a_good_one(now - days{91}))},
                            {"CertificateNotYetValid", entries_of(a_good_one(now + days{1}))},
                            {"CertificateNameMismatch", entries_of(a_leaf(ca, now, {"other.example"}))}}) {
    provide(entries);
    EXPECT_TRUE(says(reason)) << reason << ": " << reason_of("demo", "TLSReady");
    EXPECT_EQ(in_use(), good) << reason;
    EXPECT_THAT(message_of("demo", "TLSReady"), HasSubstr("the former certificate stays in use")) << reason;
    EXPECT_EQ(status_of("demo", "Ready"), "False") << reason;
  }
  server.remove(kSecret, "cert");
  EXPECT_TRUE(says("SecretMissing"));
  EXPECT_EQ(in_use(), good);

  provide(entries_of(a_good_one()));
  EXPECT_TRUE(says("CertificateValid"));
  EXPECT_NE(in_use(), good);
  EXPECT_TRUE(eventually([&] { return status_of("demo", "Ready") == "True"; }));
}

TEST_F(UsersCertificate, IsTakenAtOnceWhenItIsRenewedAndRollsNoPod) {
  provide(entries_of(a_good_one()));
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const auto deployed = server.get(kDeployment, "demo-backend").at("metadata").at("generation");
  const auto renewed = entries_of(a_good_one());
  server.apply(kSecret, a_tls_secret("cert", renewed));
  EXPECT_TRUE(eventually([&] { return in_use().at("tls.crt") == renewed.at("tls.crt"); }));
  EXPECT_EQ(server.get(kDeployment, "demo-backend").at("metadata").at("generation"), deployed);
}

TEST_F(UsersCertificate, OfAnotherNameIsServedByAllPodsBeforeReadyIsSaidOfIt) {
  provide(entries_of(a_good_one()));
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const auto deployed = [&] {
    return server.get(kDeployment, "demo-backend").at("metadata").at("generation");
  };
  const auto before = deployed();
  change("demo", {{"tls", {{"secretRef", {{"name", "other"}}}}}});
  ASSERT_TRUE(becomes("demo", "SecretMissing"));
  EXPECT_EQ(deployed(), before) << "there is nothing else to serve";

  server.apply(kSecret, a_tls_secret("other", entries_of(a_good_one())));
  ASSERT_TRUE(eventually([&] { return deployed() != before; }));
  EXPECT_TRUE(becomes("demo", "RollingOut"));
  EXPECT_TRUE(throughout(500ms, [&] { return status_of("demo", "Ready") == "False"; }));
  ASSERT_TRUE(become_ready("demo"));
}

TEST_F(UsersCertificate, IsOnlyRead) {
  provide(entries_of(a_good_one()));
  const Json before = server.get(kSecret, "cert");
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  server.remove(kPromptSales, "demo");
  ASSERT_TRUE(eventually([&] { return server.get(kPromptSales, "demo").is_null(); }));
  EXPECT_EQ(server.get(kSecret, "cert"), before);
}

TEST_F(UsersCertificate, SaysWhenItEndsSoon) {
  provide(entries_of(a_good_one(server.clock().wall() - days{70})));
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(reason_of("demo", "TLSReady"), "CertificateExpiresSoon");
  EXPECT_TRUE(eventually([&] { return events("demo", "CertificateExpiresSoon").size() == 1; }));
}

TEST_F(UsersCertificate, TakesOverFromAnOwnOneOnlyWhenItIsGood) {
  create("demo", "{tier: MVP, tls: {type: SelfSigned}}");
  ASSERT_TRUE(become_ready("demo"));
  const Entries own = in_use();
  change("demo", {{"tls", {{"type", "Secret"}, {"secretRef", {{"name", "cert"}}}}}});
  ASSERT_TRUE(becomes("demo", "SecretMissing"));
  EXPECT_EQ(in_use(), own);
  EXPECT_FALSE(server.get(kConfigMap, "demo-ca-bundle").is_null()) << "clients still need it";
  provide(entries_of(a_good_one()));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_NE(in_use(), own);
  EXPECT_TRUE(eventually([&] { return server.get(kSecret, "demo-ca").is_null(); }));
}

}  // namespace
}  // namespace promptsales::testing
