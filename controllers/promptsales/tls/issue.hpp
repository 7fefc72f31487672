#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controllers/promptsales/tls/x509.hpp"

namespace promptsales::controllers::tls {

using days = std::chrono::days;

/// How long certificates of ours are good, and how long before their end they are replaced. Source: Strimzi's
/// defaults for the CA (365/30), cert-manager's and CloudNativePG's for the leaf (90).
inline constexpr days kAuthorityLife{365};
inline constexpr days kLeafLife{90};
inline constexpr days kReplacedBefore{30};
/// Validity begins this much before the moment of issue: clocks of nodes differ.
inline constexpr std::chrono::minutes kBackdated{5};

/// A certificate and its key.
struct Issued {
  Certificate certificate;
  PrivateKey key;
};

/// Who a CA is: PromptSales shop/demo's `generation`th. Two CAs never have one name, as a chain is built by
/// names, and the wrong one of two equal ones breaks it; `uid` tells resources apart that had the same name
/// one after the other.
struct AuthorityName {
  std::string ns;
  std::string app;
  std::string uid;
  std::int64_t generation = 1;
};

/// A self-signed CA of kAuthorityLife that signs leaves only. Errors   NoEntropy.
[[nodiscard]] Result<Issued> make_authority(const AuthorityName& name, WallTime now);

/// The number in the name of a CA of ours; 0 for any other certificate.
[[nodiscard]] std::int64_t generation_of(const Certificate& authority);

struct LeafName {
  std::string common_name;             ///< at most 64 characters; no client looks at it
  std::vector<std::string> dns_names;  ///< at least one
  std::string uri;
};

/// A certificate for servers and clients of kLeafLife, which never outlives its CA. Errors   NoEntropy.
[[nodiscard]] Result<Issued> make_leaf(const Issued& authority, const LeafName& name, WallTime now);

}  // namespace promptsales::controllers::tls
