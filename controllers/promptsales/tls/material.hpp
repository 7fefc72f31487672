#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace promptsales::controllers::tls {

/// Entries of a Secret, decoded: name → content.
using Entries = std::map<std::string, std::string>;

/// How often the CA has been replaced, as a pod knows it. Annotations of the backend's pods carry it: they
/// roll the pods at each step of a replacement and show which of them have made it. The renewal of a leaf
/// changes neither.
struct Generations {
  std::int64_t trust = 0;        ///< the newest CA that it has trusted since it started; 0: none of ours
  std::int64_t certificate = 0;  ///< the CA that its certificate is from

  bool operator==(const Generations&) const = default;
};
/// On the pods as well: a digest of what the spec says of the certificate, so that an edit of the spec is served when its
/// roll-out is over. What is read by pods that run may reach them a minute and a half later.
inline constexpr const char* kAskedFor = "promptsales.io/certificate-asked-for";
inline constexpr const char* kTrustGeneration = "promptsales.io/trust-generation";
inline constexpr const char* kCertificateGeneration = "promptsales.io/certificate-generation";

/// What the children that have to do with certificates hold. Never logged, never in status or events.
struct Material {
  Entries leaf;             ///< Secret <app>-tls: tls.crt, tls.key, ca.crt (empty if there is no CA to name)
  Entries authorities;      ///< Secret <app>-ca; empty: no CA of ours
  std::string bundle;       ///< ConfigMap <app>-ca-bundle; empty: no CA of ours
  std::string renewed;      ///< the value of force-renew that was acted on last
  std::string replaced;     ///< the same of force-replace-ca
  Generations generations;  ///< zeros: no CA of ours
  std::string asked_for;    ///< what the spec said of the certificate that `leaf` is; empty: nothing

  bool operator==(const Material&) const = default;
};

/// What cert-manager is asked for: its Certificate.
struct Order {
  std::string issuer;
  std::string issuer_kind = "Issuer";
  std::string issuer_group = "cert-manager.io";
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;

  bool operator==(const Order&) const = default;
};

/// The requests that a person makes by an annotation of the resource. Each new value is acted on once; the
/// value that was is kept on a Secret of ours, as the resource itself is never written.
inline constexpr const char* kForceRenew = "promptsales.io/force-renew";
inline constexpr const char* kForceReplaceCa = "promptsales.io/force-replace-ca";
inline constexpr const char* kRenewed = "promptsales.io/handled-force-renew";        ///< on <app>-tls
inline constexpr const char* kReplaced = "promptsales.io/handled-force-replace-ca";  ///< on <app>-ca

}  // namespace promptsales::controllers::tls
