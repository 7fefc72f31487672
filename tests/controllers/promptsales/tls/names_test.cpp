// For which hosts certificates are.

#include "controllers/promptsales/tls/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::a_promptsales;
using ::testing::ElementsAre;

TEST(CertificateNames, AreTheServiceAsPodsCallIt) {
  EXPECT_THAT(own_names(a_promptsales("tier: MVP")),
              ElementsAre("demo-backend", "demo-backend.shop", "demo-backend.shop.svc",
                          "demo-backend.shop.svc.cluster.local"));
}

TEST(CertificateNames, AreThoseOfTheExposureAndTheFurtherOnesToo) {
  EXPECT_THAT(
      own_names(a_promptsales("{tier: MVP, exposure: {type: Gateway, hostnames: [api.example.com]}, "
                              "tls: {type: SelfSigned, dnsNames: [api.example.com, x.example.com]}}")),
      ElementsAre("demo-backend", "demo-backend.shop", "demo-backend.shop.svc",
                  "demo-backend.shop.svc.cluster.local", "api.example.com", "x.example.com"));
}

// A public issuer signs nothing with a name in it that it cannot check.
TEST(CertificateNames, ThatAreOrderedAreTheNamedOnesOnceThereAreAny) {
  EXPECT_THAT(
      ordered_names(a_promptsales("{tier: MVP, exposure: {type: Gateway, hostnames: [api.example.com]}, "
                                  "tls: {type: CertManager, issuerRef: {name: ca}}}")),
      ElementsAre("demo-backend", "demo-backend.shop", "demo-backend.shop.svc",
                  "demo-backend.shop.svc.cluster.local", "api.example.com"));
  EXPECT_THAT(
      ordered_names(a_promptsales("{tier: MVP, exposure: {type: Gateway, hostnames: [api.example.com]}, "
                                  "tls: {type: CertManager, issuerRef: {name: ca}, "
                                  "dnsNames: [x.example.com]}}")),
      ElementsAre("x.example.com", "api.example.com"));
}

TEST(CertificateNames, OfAUsersCertificateAreThoseThatClientsAskFor) {
  EXPECT_THAT(required_names(a_promptsales("{tier: MVP, tls: {type: Secret, secretRef: {name: cert}}}")),
              ElementsAre("demo-backend.shop.svc"));
  EXPECT_THAT(
      required_names(a_promptsales("{tier: MVP, exposure: {type: Gateway, hostnames: [api.example.com]}, "
                                   "tls: {type: Secret, secretRef: {name: cert}}}")),
      ElementsAre("api.example.com"));
}

TEST(WhatIsSaidOfTheCertificate, IsAnotherWhenTheSpecSaysAnotherThing) {
  EXPECT_EQ(asked_for(a_promptsales("tier: MVP")), "");
  EXPECT_EQ(asked_for(a_promptsales("{tier: MVP, tls: {type: SelfSigned}}")), "");
  std::set<std::string> different;
  for (const char* spec :
       {"{tier: MVP, tls: {type: SelfSigned, dnsNames: [a.example]}}",
        "{tier: MVP, tls: {type: SelfSigned, dnsNames: [a.example, b.example]}}",
        "{tier: MVP, tls: {type: Secret, secretRef: {name: one}}}",
        "{tier: MVP, tls: {type: Secret, secretRef: {name: other}}}",
        "{tier: MVP, tls: {type: CertManager, issuerRef: {name: one}}}",
        "{tier: MVP, tls: {type: CertManager, issuerRef: {name: other}}}",
        "{tier: MVP, tls: {type: CertManager, issuerRef: {name: one, kind: ClusterIssuer}}}",
        "{tier: MVP, tls: {type: CertManager, issuerRef: {name: one}, dnsNames: [a.example]}}"})
    EXPECT_TRUE(different.insert(asked_for(a_promptsales(spec))).second) << spec;
}

TEST(Identity, NamesTheServiceAccountInATrustDomainOfTheResource) {
  EXPECT_EQ(identity_of(a_promptsales("tier: MVP")),
            "spiffe://demo.shop.promptsales.io/ns/shop/sa/demo-backend");
}

}  // namespace
}  // namespace promptsales::controllers::tls
