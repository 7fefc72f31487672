#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Whether one service can be reached *from every loop*, as each serves its clients with connections of its
/// own: told by the connections, asked by the probes.
///
/// Threads  any.
class ServiceHealth {
 public:
  struct Snapshot {
    unsigned connections = 0;    ///< of all loops
    unsigned loops_without = 0;  ///< how many loops have none
    unsigned arrivals = 0;       ///< how often a loop got its first connection after none
    std::optional<Clock::Instant>
        lost_at;             ///< since when some loop has none; nothing while all have, or never had
    std::string last_error;  ///< "" while all loops are connected
    std::string_view cause;  ///< connect_errors::cause_of(last_error)
    /// Why a further connection would not be let in, however well those that there are do; "" as far as it is known.
    std::string login_refused;
  };

  explicit ServiceHealth(std::size_t loops);

  void connected(std::size_t loop);
  void disconnected(std::size_t loop, const Error& why, Clock::Instant now);
  void failed_to_connect(const Error& why);
  /// A login was tried beside the connections that there are. What is no answer to that is no news.
  void tried_to_log_in(const Result<void>& outcome);
  [[nodiscard]] Snapshot snapshot() const;

 private:
  struct State {
    std::vector<unsigned> by_loop;
    Snapshot sum;
  };
  Guarded<State> state_;
};

/// One loop's view of a ServiceHealth, which outlives it.
struct LoopHealth {
  ServiceHealth& service;
  std::size_t loop;

  void connected() const { service.connected(loop); }
  void disconnected(const Error& why, Clock::Instant now) const { service.disconnected(loop, why, now); }
  void failed_to_connect(const Error& why) const { service.failed_to_connect(why); }
};

/// The certificate of the public port.
struct TlsHealth {
  std::optional<Clock::WallTime> not_after;  ///< of the one in use; nothing if the port speaks plain HTTP
  std::string error;                         ///< why the files are not in use as they are; "" if they are
  std::uint64_t applied = 0;                 ///< renewed certificates taken into use
  std::uint64_t rejected = 0;                ///< and refused
};

/// A binding whose files are followed.
struct BindingHealth {
  std::uint64_t generation = 1;  ///< of the credentials in use: how many there have been
  std::uint64_t rejected = 0;    ///< changes that were not taken into use when they were tried first
  std::string error;             ///< why the files are not in use as they are; "" if they are
};

/// What the probes report about the process; written by whoever knows, each field by one writer.
///
/// Threads  any.
struct Health {
  explicit Health(std::size_t loops = 1) : database(loops), cache(loops), messaging(1) {}

  ServiceHealth database;
  ServiceHealth cache;
  ServiceHealth messaging;  ///< of one connection, in the first loop
  std::atomic<bool> migrated = false;
  Guarded<std::string> migration_error;  ///< "" before the first attempt and after success
  std::atomic<bool> draining = false;
  Guarded<TlsHealth> tls;
  Guarded<BindingHealth> database_binding;
  Guarded<BindingHealth> cache_binding;
};

}  // namespace promptsales::backend
