// CAs of the user: they join what clients trust and what the backend checks its services by; what is bad is
// reported, and leaves the good ones in use.

#include <gmock/gmock.h>

#include "tests/integration/support/certificate_objects.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::tls::days;
using k8s::Json;
using ::testing::HasSubstr;

/// A change of what a resource names is to be in force by then.
constexpr auto kNoticed = 60s;

class UsersCas : public WithOperator {
 protected:
  static constexpr const char* kSpec =
      "{tier: MVP, tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: company, key: roots.pem}}}";

  void provide(const std::string& pem, const char* key = "roots.pem") {
    server.remove(kConfigMap, "company");
    server.apply(kConfigMap, {{"apiVersion", "v1"},
                              {"kind", "ConfigMap"},
                              {"metadata", {{"name", "company"}}},
                              {"data", {{key, pem}}}});
  }
  std::string trusted(const char* part = "ca.crt") {
    return k8s::string_at(server.get(kConfigMap, "demo-ca-bundle"), {"data", part});
  }
  std::string own() { return trusted("own-ca.crt"); }
  bool trusts(const std::string& given) {
    return eventually([&] { return !own().empty() && trusted() == own() + given; }, kNoticed);
  }
  bool says(const std::string& reason, const char* condition = "TLSReady") {
    return eventually([&] { return reason_of("demo", condition) == reason; });
  }

  const std::string one = a_ca(server.clock().wall(), 5).certificate.pem();
  const std::string two = a_ca(server.clock().wall(), 6).certificate.pem();
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(UsersCas, JoinWhatClientsTrustAndFollowEachEdit) {
  provide("# the company's\n" + one);
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_TRUE(trusts(one));
  const std::string ours = own();
  provide(one + two);
  EXPECT_TRUE(trusts(one + two));
  change("demo", from_yaml("tls: {caBundleRef: null}"));
  EXPECT_TRUE(eventually([&] { return trusted() == ours; }, kNoticed)) << "and " << trusted("own-ca.crt");
  EXPECT_EQ(own(), "");
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(UsersCas, ThatAreBadAreReportedAndLeaveTheGoodOnesInUse) {
  provide(one);
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_TRUE(trusts(one));
  const auto now = server.clock().wall();
  const auto deployed = server.get(kDeployment, "demo-backend").at("metadata").at("generation");
  struct Mistake {
    const char* reason;
    std::string pem;
    const char* key = "roots.pem";
  };
  for (const auto& [reason, pem, key] : {Mistake{"CABundleInvalid", "nonsense"},
                                         Mistake{"CABundleInvalid", a_leaf(a_ca(now), now).certificate.pem()},
                                         Mistake{"CABundleExpired", a_ca(now - days{400}).certificate.pem()},
                                         Mistake{"CABundleKeyMissing", two, "other.pem"}}) {
    SCOPED_TRACE(std::string{reason} + " " + pem.substr(0, 30));
    provide(pem, key);
    EXPECT_TRUE(says(reason)) << read("demo").dump(2);
    EXPECT_EQ(reason_of("demo"), reason);
    EXPECT_THAT(message_of("demo", "TLSReady"), HasSubstr("the former ones stay trusted"));
    EXPECT_EQ(trusted(), own() + one);
    provide(one);
    EXPECT_TRUE(says("CertificateValid"));
  }
  server.remove(kConfigMap, "company");
  EXPECT_TRUE(says("CABundleMissing"));
  running->terminate();
  ASSERT_TRUE(running->wait());  // another process has not seen them good
  running = an_operator();
  EXPECT_TRUE(throughout(2s, [&] { return trusted() == own() + one; }));
  EXPECT_EQ(server.get(kDeployment, "demo-backend").at("metadata").at("generation"), deployed);
  provide(two);
  EXPECT_TRUE(trusts(two));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(UsersCas, AreWhatClientsTrustWhereTheCertificateIsTheUsersToo) {
  server.apply(kSecret, a_tls_secret("company", {{"roots.pem", one}}));
  const auto ca = a_ca(server.clock().wall());
  server.apply(kSecret, a_tls_secret("cert", entries_of(a_leaf(ca, server.clock().wall(),
                                                               {"demo-backend." + server.ns() + ".svc"}))));
  create(
      "demo",
      "{tier: MVP, tls: {type: Secret, secretRef: {name: cert}, caBundleRef: {kind: Secret, name: company, "
      "key: roots.pem}}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(trusted(), one);
  server.apply(kSecret, a_tls_secret("company", {{"roots.pem", two}}));
  EXPECT_TRUE(eventually([&] { return trusted() == two; }, kNoticed));
}

/// A database of the user's own that speaks TLS and names no CA.
class UsersCasAndServices : public UsersCas {
 protected:
  void SetUp() override {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", "login"}}},
                           {"stringData", {{"uri", "postgresql://u:p@db.example/d?sslmode=verify-full"}}}});
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", "store"}}},
                           {"stringData", {{"uri", "rediss://u:p@store.example"}, {"ca.crt", two}}}});
  }
  std::string ca_of(const char* component) {
    const auto entries = entries_in(server.get(kSecret, "demo-" + std::string{component} + "-binding"));
    const auto ca = entries.find("ca.crt");
    return ca == entries.end() ? "absent" : ca->second;
  }
  void finish_trials() {
    for (const auto& job : trials("demo")) finish_job(job);
  }
  static constexpr const char* kServices =
      "{tier: MVP, database: {type: Secret, secretRef: {name: login}}, cache: {type: Secret, secretRef: "
      "{name: "
      "store}}, tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: company, key: roots.pem}}}";
};

TEST_F(UsersCasAndServices, CheckThoseThatNameNoCaOfTheirOwn) {
  provide(one);
  create("demo", kServices);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(ca_of("database"), one);
  EXPECT_EQ(ca_of("cache") + "\n", two) << "which it names itself";
  provide(one + two);
  ASSERT_TRUE(eventually([&] { return !trials("demo").empty(); }, kNoticed)) << "tried before pods get them";
  EXPECT_EQ(ca_of("database"), one);
  finish_trials();
  EXPECT_TRUE(eventually([&] { return ca_of("database") == one + two; }, kNoticed));
}

TEST_F(UsersCasAndServices, AreWaitedForBeforeAnythingIsTrustedWithoutThem) {
  create("demo", kServices);
  ASSERT_TRUE(says("CABundleMissing", "DatabaseReady")) << read("demo").dump(2);
  EXPECT_EQ(reason_of("demo", "TLSReady"), "CABundleMissing");
  EXPECT_EQ(status_of("demo", "CacheReady"), "True");
  EXPECT_EQ(ca_of("database"), "absent");
  EXPECT_TRUE(server.get(kDeployment, "demo-backend").is_null());
  provide(one);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(ca_of("database"), one);
}

}  // namespace
}  // namespace promptsales::testing
