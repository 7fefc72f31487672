// Certificates from cert-manager: its API comes and goes, its issuer is not ready, its order is fulfilled.
// Small definitions of the same group, kinds and fields stand for its own; the test plays what it does.

#include <gmock/gmock.h>

#include "operator/k8s/time.hpp"
#include "tests/integration/support/certificate_objects.hpp"
#include "tests/integration/support/definitions.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

/// Definitions are the cluster's, and the group is not free to choose: all is one story, told in order.
class CertManager : public WithOperator {
 protected:
  void say(const k8s::Kind& kind, const std::string& name, const Json& conditions) {
    const Json live = server.get(kind, name);
    Json status{{"conditions", conditions}};
    const auto written = server.client().apply(kind,
                                               {{"apiVersion", kind.api_version()},
                                                {"kind", kind.kind},
                                                {"metadata", {{"name", name}, {"namespace", server.ns()}}},
                                                {"status", status}},
                                               {.manager = "test-cert-manager", .subresource = "status"});
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
  }
  static Json condition(const std::string& type, const std::string& status, const std::string& reason,
                        const std::string& message) {
    return {{"type", type},
            {"status", status},
            {"reason", reason},
            {"message", message},
            {"lastTransitionTime", "2026-11-21T10:00:00Z"}};
  }
  bool says(const std::string& reason) {
    return eventually([&] { return reason_of("demo", "TLSReady") == reason; });
  }
  Json in_use() { return server.get(kSecret, "demo-tls"); }
};

TEST_F(CertManager, IsFoundWhenItIsInstalledAndItsCertificateIsCopiedWhenItIsGood) {
  const auto running = an_operator();
  create("demo", "{tier: MVP, tls: {type: CertManager, issuerRef: {name: ca}}}");
  create("other", "{tier: MVP, tls: {type: SelfSigned}}");
  ASSERT_TRUE(says("ProviderAPIMissing")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "TLSReady"), HasSubstr("certificates.cert-manager.io"));
  EXPECT_TRUE(become_ready("other")) << "nobody else is affected";
  EXPECT_TRUE(server.get(kDeployment, "demo-backend").is_null());
  EXPECT_FALSE(server.get(kStatefulSet, "demo-database").is_null());

  const Definition certificates{server, kCertificate};
  const Definition issuers{server, kIssuer};
  const Definition cluster_issuers{server, kClusterIssuer};
  ASSERT_TRUE(says("IssuerNotReady")) << read("demo").at("status").dump(2) << running->get("/readyz").body;
  EXPECT_THAT(message_of("demo", "TLSReady"), HasSubstr("Issuer ca does not exist"));
  ASSERT_TRUE(eventually([&] { return !server.get(kCertificate, "demo-tls").is_null(); }));
  const Json order = server.get(kCertificate, "demo-tls").at("spec");
  EXPECT_EQ(order.at("secretName"), "demo-certmanager-tls");
  EXPECT_EQ(order.at("issuerRef"), (Json{{"name", "ca"}, {"kind", "Issuer"}, {"group", "cert-manager.io"}}));

  server.apply(kIssuer, {{"apiVersion", kIssuer.api_version()},
                         {"kind", "Issuer"},
                         {"metadata", {{"name", "ca"}}},
                         {"spec", {{"ca", {{"secretName", "root"}}}}}});
  say(kIssuer, "ca",
      Json::array({condition("Ready", "False", "ErrGetKeyPair", "secret \"root\" not found")}));
  ASSERT_TRUE(
      eventually([&] { return message_of("demo", "TLSReady").contains("secret \"root\" not found"); }));
  EXPECT_EQ(reason_of("demo", "TLSReady"), "IssuerNotReady");
  say(kIssuer, "ca", Json::array({condition("Ready", "True", "KeyPairVerified", "Signing CA verified")}));
  ASSERT_TRUE(says("CertificateIssuing"));

  const auto ca = a_ca(server.clock().wall());
  auto names = order.at("dnsNames").get<std::vector<std::string>>();
  auto issued = entries_of(a_leaf(ca, server.clock().wall(), names));
  issued["ca.crt"] = ca.certificate.pem();
  server.apply(kSecret, a_tls_secret("demo-certmanager-tls", issued));
  say(kCertificate, "demo-tls",
      Json::array({condition("Ready", "True", "Ready", "Certificate is up to date and has not expired")}));
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(entries_in(in_use()), issued);
  EXPECT_EQ(reason_of("demo", "TLSReady"), "CertificateValid");

  // Renewed half, then whole.
  const Json before = in_use();
  auto renewed = entries_of(a_leaf(ca, server.clock().wall(), names));
  auto half = issued;
  half["tls.crt"] = renewed.at("tls.crt");
  server.apply(kSecret, a_tls_secret("demo-certmanager-tls", half));
  EXPECT_TRUE(says("CertificateKeyMismatch"));
  EXPECT_EQ(in_use().at("data"), before.at("data"));
  renewed["ca.crt"] = ca.certificate.pem();
  server.apply(kSecret, a_tls_secret("demo-certmanager-tls", renewed));
  EXPECT_TRUE(eventually([&] { return entries_in(in_use()) == renewed; }));
  EXPECT_TRUE(says("CertificateValid"));

  // Whose Secret it is, and whose order.
  const Json theirs = server.get(kSecret, "demo-certmanager-tls");
  change("demo", {{"tls", {{"type", "SelfSigned"}, {"issuerRef", nullptr}}}});
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] { return server.get(kCertificate, "demo-tls").is_null(); }));
  EXPECT_EQ(server.get(kSecret, "demo-certmanager-tls"), theirs);
}

}  // namespace
}  // namespace promptsales::testing
