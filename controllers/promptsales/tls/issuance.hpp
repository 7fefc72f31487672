#pragma once

#include <optional>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::tls {

/// How far cert-manager is with an order, in its own words. Nothing if the certificate is issued and current.
///
///   IssuerNotReady      the issuer does not exist, or says that it cannot sign
///   CertificateRefused  the last attempt failed; cert-manager tries again by itself, ever more slowly
///   CertificateIssuing  it is under way
///
/// `certificate` and `issuer` are null if they do not exist; `issuer_known` is false if that cannot be told.
/// Threads  pure.
[[nodiscard]] std::optional<Readiness> issuance_problem(const Order& order, const Object* certificate,
                                                        const Object* issuer, bool issuer_known);

}  // namespace promptsales::controllers::tls
