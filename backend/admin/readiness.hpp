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
                     ///< {...}, "messaging": {...}, "tls": {...}}
};

/// The services that a process may do without, and has.
struct Bound {
  bool cache = false;
  bool messaging = false;
};

/// Whether requests can be answered, and if not, what is missing. Cache, messaging and certificate are reported
/// but never make us unready: everything works without the former two, and the last stays as it was. Of a service
/// that cannot be used there is the `error`, and its `cause` for a machine (connect_errors::cause_of) if it has one; of one
/// that would let no further connection in, `login_refused`.
///
/// Threads  any; `health` is read, each part at a moment of its own.
[[nodiscard]] Readiness assess(const Health& health, Bound bound, Clock::Instant now);

}  // namespace promptsales::backend
