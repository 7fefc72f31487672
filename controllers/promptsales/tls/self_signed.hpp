#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/promptsales/tls/authorities.hpp"
#include "controllers/promptsales/tls/fleet.hpp"

namespace promptsales::controllers::tls {

/// Where the replacement of a CA is (docs/tls.md):
///   Stable      one CA, and every leaf is from it
///   Trusting    a new CA is made known: pods roll to trust both; leaves are still from the old one
///   Reissuing   the leaf is from the new CA; pods roll to serve it
///   Retiring    every pod that stays serves it; the old CA goes when the last old pod has gone
enum class Phase { kStable, kTrusting, kReissuing, kRetiring };
[[nodiscard]] std::string_view text_of(Phase phase);

/// How long a new CA is known at least before anything is signed by it. Clients that mount the bundle learn
/// of a change when their kubelet looks again: after 60 s, and as long again for its cache.
inline constexpr std::chrono::minutes kKnownBefore{3};

/// What there is, and what is asked for.
struct SelfSignedState {
  Material material;       ///< as the children hold it; empty where one is not there; no generations
  std::string renew;       ///< value of annotation promptsales.io/force-renew, or empty
  std::string replace_ca;  ///< value of annotation promptsales.io/force-replace-ca, or empty
  Fleet fleet;
  AuthorityName authority_name;  ///< the generation is worked out
  LeafName leaf_name;
};

/// What there should be, and what that amounts to.
struct SelfSignedPlan {
  Material material;
  Phase phase = Phase::kStable;
  WallTime not_after;             ///< of the leaf
  WallTime authority_not_after;   ///< of the CA that it is from
  WallTime look_again;            ///< nothing is to be done before, unless something changes
  std::vector<std::string> news;  ///< reasons of Events: CertificateIssued, CertificateRenewed, CAReplaced
};

/// One step towards a certificate that is good for long enough, from whatever there is.
///
/// A leaf is made when there is none that fits: renewal is due (kReplacedBefore its end, or sooner if its CA
/// ends then), its names differ, it is damaged or not from the current CA, or a new value of force-renew asks
/// for it. A CA is replaced when that is due, when its key is lost, or when a new value of force-replace-ca
/// asks for it; during a replacement such a request waits. A CA that has ended, or that cannot sign a leaf
/// that is needed now, is replaced at once: there is nothing to keep.
///
/// The result is the same as the state when nothing is to be done.
/// Errors   NoEntropy.
/// Threads  pure, but for random numbers.
[[nodiscard]] Result<SelfSignedPlan> plan_self_signed(const SelfSignedState& state, WallTime now);

}  // namespace promptsales::controllers::tls
