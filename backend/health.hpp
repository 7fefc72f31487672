#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace promptsales::backend {

/// Whether one service can be reached, told by its connections (of all loops), asked by the probes.
///
/// Threads  any.
class ServiceHealth {
 public:
  struct Snapshot {
    unsigned connections = 0;
    unsigned arrivals = 0;  ///< how often there was a first connection after none
    std::optional<Clock::Instant>
        lost_at;             ///< when the last connection ended; nothing if there never was one
    std::string last_error;  ///< "" while all is well
  };

  void connected();
  void disconnected(const std::string& why, Clock::Instant now);
  void failed_to_connect(const std::string& why);
  [[nodiscard]] Snapshot snapshot() const;

 private:
  Guarded<Snapshot> state_;
};

/// What the probes report about the process; written by whoever knows, each field by one writer.
///
/// Threads  any.
struct Health {
  ServiceHealth database;
  ServiceHealth cache;
  std::atomic<bool> migrated = false;
  Guarded<std::string> migration_error;  ///< "" before the first attempt and after success
  std::atomic<bool> draining = false;
};

}  // namespace promptsales::backend
