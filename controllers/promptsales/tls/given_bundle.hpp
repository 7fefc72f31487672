#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers::tls {

/// CAs that somebody else has chosen to trust, found good.
struct GivenBundle {
  std::string pem;            ///< the certificates alone, each once, in their order
  Clock::WallTime not_after;  ///< the last of them ends then
};

/// Larger ones do not fit into what pods mount, beside what else is there.
inline constexpr std::size_t kLargestBundle = 512UL * 1024;

/// Whether a text in PEM can be trusted: CAs, of which at least one has not ended. One that has ended among others
/// does no harm, and bundles are made by people who take them out later.
///
/// Errors   in this order; messages hold nothing of the text but subjects:
///   CABundleInvalid    no certificate, a block that is none, one that is not a CA, too large
///   CABundleExpired    every one of them has ended
/// Threads  pure.
[[nodiscard]] Result<GivenBundle> check_bundle(std::string_view text, Clock::WallTime now);

/// `data` of ConfigMap <app>-ca-bundle: `ca.crt`, all that is trusted; and where that is more than the CAs of the
/// operator, these alone as `own-ca.crt`. Both are PEM.
[[nodiscard]] k8s::Json bundle_data(const std::string& own, const std::string& given);
/// The two parts of it again. Empty for a ConfigMap that is not of this form.
[[nodiscard]] std::string own_part(const k8s::Json& config_map);
[[nodiscard]] std::string given_part(const k8s::Json& config_map);

}  // namespace promptsales::controllers::tls
