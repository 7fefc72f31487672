#pragma once

#include <string>
#include <vector>

#include "controllers/promptsales/tls/material.hpp"
#include "controllers/promptsales/tls/x509.hpp"

namespace promptsales::controllers::tls {

/// A certificate that somebody else has made, found good.
struct Checked {
  Certificate leaf;
  /// The first end of the leaf, of a certificate between it and its root, and of the root that was given:
  /// after it nothing works.
  WallTime not_after;
};

/// Whether a server could use this pair: `tls.crt` (the leaf first, then what links it to its root),
/// `tls.key`, and `ca.crt`, which may be absent or empty. `hosts` are the names that clients will ask for.
///
/// Errors   in this order, so that the first is what to mend first; messages name the entry and never hold
///          any of it:
///   CertificateIncomplete     tls.crt or tls.key is missing or empty: a Secret that is half written
///   CertificateUnreadable     an entry is not PEM, or the key has a pass phrase
///   CertificateKeyMismatch    the key is not that of the first certificate
///   CertificateChainBroken    a certificate of tls.crt is not signed by the next one, or the last by none of
///                             ca.crt
///   CertificateExpired, CertificateNotYetValid    of any of them, with the time; the latter with retry_after
///   CertificateNameMismatch   a host is not covered; the message has those that are
/// Threads  pure.
[[nodiscard]] Result<Checked> check_pair(const Entries& entries, const std::vector<std::string>& hosts,
                                         WallTime now);

}  // namespace promptsales::controllers::tls
