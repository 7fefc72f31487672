#pragma once

#include <string>

#include "backend/health.hpp"

namespace promptsales::backend {

/// How long the database may be away before we say that we are not ready: a restart of Postgres must not take
/// every replica out of the Service at once.
inline constexpr std::chrono::seconds kDatabaseGrace{6};

struct Readiness {
  bool ready;
  std::string body;  ///< JSON: {"ready", "missing": [...], "database": {...}, "schema": {...}, "cache":
                     ///< {...}, "tls": {...}}
};

/// Whether requests can be answered, and if not, what is missing. The cache and the certificate are reported
/// but never make us unready: everything works without the former, and the latter stays as it was.
///
/// Threads  any; `health` is read, each part at a moment of its own.
[[nodiscard]] Readiness assess(const Health& health, bool cache_bound, Clock::Instant now);

}  // namespace promptsales::backend
