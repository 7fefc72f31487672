// What certificates make of the children.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/strings.hpp"
#include "controllers/promptsales/backend_settings.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::kLeafKey;
using promptsales::testing::object_of;
using promptsales::testing::objects_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class WithTls : public ::testing::Test {
 protected:
  [[nodiscard]] Json pod() const {
    return object_of(children::backend_deployment, inputs).at("spec").at("template").at("spec");
  }
  [[nodiscard]] Json pod_annotations() const {
    return object_of(children::backend_deployment, inputs)
        .at("spec")
        .at("template")
        .at("metadata")
        .at("annotations");
  }

  Inputs inputs = inputs_of("{tier: MVP, tls: {type: SelfSigned}}");
};

TEST_F(WithTls, PodsMountTheCertificateAndNeverTheCa) {
  const Json volumes = pod().at("volumes");
  const Json want{{"name", "tls"}, {"secret", {{"secretName", "demo-tls"}, {"defaultMode", 0440}}}};
  EXPECT_TRUE(std::ranges::find(volumes, want) != volumes.end());
  for (const auto& [id, object] : objects_of(inputs)) {
    if (id == "tls_authority") continue;
    EXPECT_THAT(object.dump(), Not(HasSubstr("\"demo-ca\""))) << id;
  }
}

TEST_F(WithTls, TheBackendServesHttpsOn8443BehindPort443) {
  const Json ports = pod().at("containers").at(0).at("ports");
  EXPECT_EQ(ports.at(0), (Json{{"name", "https"}, {"containerPort", 8443}, {"protocol", "TCP"}}));
  const auto settings = backend_settings(inputs);
  EXPECT_EQ(settings.at("PROMPTSALES_HTTP_PORT"), "8443");
  EXPECT_EQ(settings.at("PROMPTSALES_TLS_DIR"), "/tls");
  const Json service = object_of(children::backend_service, inputs).at("spec").at("ports");
  EXPECT_EQ(service,
            Json::array({{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", "https"}}}));
  const Json opened = object_of(children::backend_network, inputs).at("spec").at("ingress").at(0).at("ports");
  EXPECT_EQ(opened.at(0).at("port"), 8443);
  EXPECT_EQ(public_url(inputs), "https://demo-backend.shop.svc");
}

TEST_F(WithTls, ProbesStayOnThePlainAdminPort) {
  const Json container = pod().at("containers").at(0);
  for (const char* probe : {"startupProbe", "readinessProbe", "livenessProbe"}) {
    EXPECT_EQ(container.at(probe).at("httpGet").at("port"), "admin") << probe;
    EXPECT_EQ(container.at(probe).at("httpGet").at("scheme"), "HTTP") << probe;
  }
}

TEST_F(WithTls, ARenewedLeafRollsNoPod) {
  const auto before = object_of(children::backend_deployment, inputs);
  inputs.tls->leaf["tls.crt"] = "another";
  inputs.tls->leaf["tls.key"] = "another";
  inputs.tls->renewed = "now";
  EXPECT_EQ(object_of(children::backend_deployment, inputs), before);
}

TEST_F(WithTls, AnEditOfWhatTheSpecSaysOfTheCertificateRollsThePods) {
  const auto before = object_of(children::backend_deployment, inputs);
  inputs.tls->asked_for = "0a1b";
  EXPECT_EQ(pod_annotations().at(tls::kAskedFor), "0a1b");
  EXPECT_NE(object_of(children::backend_deployment, inputs), before);
}

TEST_F(WithTls, EachStepOfANewCaRollsThePodsAndShowsOnThem) {
  inputs.tls->generations = {2, 1};
  EXPECT_EQ(pod_annotations().at("promptsales.io/trust-generation"), "2");
  EXPECT_EQ(pod_annotations().at("promptsales.io/certificate-generation"), "1");
}

TEST_F(WithTls, ACertificateOfOthersLeavesNoGenerationsOnPods) {
  inputs.tls->generations = {};
  inputs.tls->authorities.clear();
  inputs.tls->bundle.clear();
  EXPECT_FALSE(pod_annotations().contains("promptsales.io/trust-generation"));
  const auto objects = objects_of(inputs);
  EXPECT_TRUE(objects.contains("tls_certificate"));
  EXPECT_FALSE(objects.contains("tls_authority"));
  EXPECT_FALSE(objects.contains("tls_bundle"));
}

TEST_F(WithTls, TheCertificateIsASecretOfTheTypeThatOthersKnow) {
  const auto secret = object_of(children::tls_certificate, inputs);
  EXPECT_EQ(secret.at("type"), "kubernetes.io/tls");
  EXPECT_EQ(secret.at("data").at("tls.key"), base64_encode(kLeafKey));
  std::vector<std::string> entries;
  for (const auto& [name, value] : secret.at("data").items()) entries.push_back(name);
  EXPECT_THAT(entries, ElementsAre("ca.crt", "tls.crt", "tls.key"));
}

TEST_F(WithTls, TheBundleForClientsIsNoSecret) {
  const auto bundle = object_of(children::tls_bundle, inputs);
  EXPECT_EQ(bundle.at("kind"), "ConfigMap");
  EXPECT_EQ(bundle.at("metadata").at("name"), "demo-ca-bundle");
  EXPECT_EQ(bundle.at("data"), (Json{{"ca.crt", inputs.tls->bundle}}));
}

TEST_F(WithTls, TheBundleForClientsHoldsTheUsersCasToo) {
  inputs.trusted = "theirs";
  const std::string own = inputs.tls->bundle;
  EXPECT_EQ(object_of(children::tls_bundle, inputs).at("data"),
            (Json{{"ca.crt", own + "theirs"}, {"own-ca.crt", own}}));
  inputs.tls->bundle = "";  // a certificate of others
  EXPECT_EQ(object_of(children::tls_bundle, inputs).at("data").at("ca.crt"), "theirs");
  inputs.tls.reset();  // that is not there yet
  EXPECT_EQ(object_of(children::tls_bundle, inputs).at("data").at("ca.crt"), "theirs");
}

TEST_F(WithTls, RequestsThatWereActedOnAreKeptWithWhatTheyMade) {
  inputs.tls->renewed = "monday";
  inputs.tls->replaced = "tuesday";
  const auto annotations = [&](const Child& child) {
    return object_of(child, inputs).at("metadata").at("annotations");
  };
  EXPECT_EQ(annotations(children::tls_certificate).at("promptsales.io/handled-force-renew"), "monday");
  EXPECT_EQ(annotations(children::tls_authority).at("promptsales.io/handled-force-replace-ca"), "tuesday");
}

TEST(CertManagerOrder, IsForASecretOfItsOwnThatNoPodMounts) {
  const auto inputs = inputs_of("{tier: MVP, tls: {type: CertManager, issuerRef: {name: ca}}}");
  const auto order = object_of(children::tls_order, inputs);
  EXPECT_EQ(order.at("metadata").at("name"), "demo-tls");
  EXPECT_EQ(order.at("spec"), promptsales::testing::from_yaml(R"(
secretName: demo-certmanager-tls
duration: 2160h
renewBefore: 720h
dnsNames: [demo-backend]
uris: ['spiffe://a/b']
usages: [digital signature, server auth, client auth]
privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
issuerRef: {name: ca, kind: Issuer, group: cert-manager.io}
)"));
  for (const auto& [id, object] : objects_of(inputs))
    if (id != "tls_order") {
      EXPECT_THAT(object.dump(), Not(HasSubstr("certmanager"))) << id;
    }
}

TEST(WithoutTls, NothingOfItIsThere) {
  const auto inputs = inputs_of("{tier: MVP, tls: {type: Disabled}}");
  for (const auto& [id, object] : objects_of(inputs)) {
    EXPECT_FALSE(id.starts_with("tls_")) << id;
    EXPECT_THAT(object.dump(), Not(HasSubstr("tls"))) << id;
  }
  EXPECT_EQ(public_url(inputs), "http://demo-backend.shop.svc");
}

}  // namespace
}  // namespace promptsales::controllers
