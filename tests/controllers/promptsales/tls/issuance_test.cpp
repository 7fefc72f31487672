// What cert-manager says of an order, as a person reads it.

#include "controllers/promptsales/tls/issuance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/yaml.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::from_yaml;

constexpr const char* kReadyIssuer = "{status: {conditions: [{type: Ready, status: 'True'}]}}";

struct IssuanceCase {
  std::string name;
  std::string certificate;  ///< empty: none
  std::string issuer;       ///< empty: none
  std::string reason;       ///< empty: issued
  std::string message;
};

void PrintTo(const IssuanceCase& row, std::ostream* out) { *out << row.certificate << " of " << row.issuer; }

class Issuance : public ::testing::TestWithParam<IssuanceCase> {};

TEST_P(Issuance, IsToldInTheWordsOfCertManager) {
  const auto& [name, certificate, issuer, reason, message] = GetParam();
  const Object order = certificate.empty() ? Object{} : from_yaml(certificate);
  const Object signer = issuer.empty() ? Object{} : from_yaml(issuer);
  const auto problem = issuance_problem({.issuer = "ca"}, certificate.empty() ? nullptr : &order,
                                        issuer.empty() ? nullptr : &signer, /*issuer_known=*/true);
  EXPECT_EQ(problem ? problem->reason : "", reason);
  EXPECT_EQ(problem ? problem->message : "", message);
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, Issuance,
    ::testing::Values(
        IssuanceCase{"Issued",
                     "{metadata: {generation: 2}, status: {conditions: [{type: Ready, status: 'True', "
                     "observedGeneration: 2}]}}",
                     "", "", ""},
        IssuanceCase{"IssuedForTheFormerOrder",
                     "{metadata: {generation: 2}, status: {conditions: [{type: Ready, status: 'True', "
                     "observedGeneration: 1, message: up to date}]}}",
                     kReadyIssuer, "CertificateIssuing",
                     "cert-manager orders a certificate from Issuer ca: up to date"},
        IssuanceCase{"IssuedAndToBeOrderedAnew",
                     "{metadata: {generation: 2}, spec: {dnsNames: [former], issuerRef: {name: ca, kind: "
                     "Issuer, group: cert-manager.io}}, status: {conditions: [{type: Ready, status: 'True', "
                     "observedGeneration: 2, message: up to date}]}}",
                     kReadyIssuer, "CertificateIssuing",
                     "cert-manager orders a certificate from Issuer ca: up to date"},
        IssuanceCase{"NoIssuer", "{status: {}}", "", "IssuerNotReady",
                     "Issuer ca does not exist: create it, or name another in spec.tls.issuerRef"},
        IssuanceCase{
            "IssuerThatCannotSign", "{status: {}}",
            "{status: {conditions: [{type: Ready, status: 'False', message: secret \"ca\" not found}]}}",
            "IssuerNotReady", "Issuer ca cannot sign: secret \"ca\" not found; kubectl describe it for more"},
        IssuanceCase{
            "IssuerNobodyLookedAt", "{status: {}}", "{metadata: {name: ca}}", "IssuerNotReady",
            "Issuer ca cannot sign: cert-manager has not looked at it yet; kubectl describe it for more"},
        IssuanceCase{
            "Refused",
            "{status: {conditions: [{type: Issuing, status: 'False', reason: Failed, message: no such "
            "domain}]}}",
            kReadyIssuer, "CertificateRefused",
            "cert-manager got no certificate from Issuer ca: no such domain; it tries again by itself"},
        IssuanceCase{
            "UnderWay",
            "{status: {conditions: [{type: Ready, status: 'False', message: Secret does not exist}]}}",
            kReadyIssuer, "CertificateIssuing",
            "cert-manager orders a certificate from Issuer ca: Secret does not exist"},
        IssuanceCase{"NotBegun", "", kReadyIssuer, "CertificateIssuing",
                     "cert-manager orders a certificate from Issuer ca: it has not begun yet"}),
    [](const auto& info) { return info.param.name; });

TEST(Issuance, OfAnIssuerThatCannotBeSeenIsToldByTheCertificateAlone) {
  const auto problem = issuance_problem({.issuer = "vault", .issuer_kind = "VaultIssuer"}, nullptr, nullptr,
                                        /*issuer_known=*/false);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->reason, "CertificateIssuing");
}

}  // namespace
}  // namespace promptsales::controllers::tls
