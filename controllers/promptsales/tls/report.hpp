#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::tls {

/// Reasons of TLSReady when it is True.
inline constexpr std::string_view kValid = "CertificateValid";
inline constexpr std::string_view kExpiresSoon = "CertificateExpiresSoon";

/// What a pass found out about the certificate: condition TLSReady, status.tls, and what is worth an Event.
struct Report {
  Readiness readiness;             ///< not ready: why the certificate that is asked for is not in use
  std::string message;             ///< of TLSReady, when ready
  bool expires_soon = false;       ///< in use, and nothing will renew it in time: worth a Warning
  std::string not_after;           ///< of the certificate in use, RFC 3339; empty if there is none
  std::int64_t ca_generation = 0;  ///< 0: no CA of ours
  std::string phase;               ///< "Stable"; empty: no CA of ours
  std::vector<std::string> news;   ///< reasons of Events, once the children are written
};

}  // namespace promptsales::controllers::tls
