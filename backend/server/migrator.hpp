#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/health.hpp"
#include "backend/settings.hpp"

namespace promptsales::backend {

/// Has the schema of a database up to date: migrates it, or, where a Job does that, looks whether it is done.
///
/// Returns  the versions applied now.
/// Errors   as migrate(); "WaitingForMigration" as long as the Job has not done it.
/// Threads  blocks the calling thread.
[[nodiscard]] Result<std::vector<int>> bring_up_to_date(const DatabaseService& service, Migrations who);

/// Sees to the schema in a thread of its own and tells `health`. Tries again with 200 ms doubling to 10 s (1 s
/// to look) until it succeeds, also after a failure that trying again cannot heal: someone may repair the
/// database. Looks again each time the database comes back: it may be another one, or restored from a backup.
/// What was found for one database says nothing of another.
///
/// Threads  constructed and destroyed by one thread; the destructor stops and joins (up to 5 s, a connect
/// attempt).
class Migrator {
 public:
  /// `service` is asked before each attempt, from the migrator's thread.
  Migrator(std::function<std::shared_ptr<const DatabaseService>()> service, Migrations who, Health& health);

 private:
  void run(std::stop_token stop);
  bool attempt(const DatabaseService& service, std::string& last_error);

  const std::function<std::shared_ptr<const DatabaseService>()> service_;
  const Migrations who_;
  Health& health_;
  std::mutex mutex_;  ///< of wake_ only
  std::condition_variable_any wake_;
  std::jthread thread_;  ///< last: runs as soon as it is made
};

}  // namespace promptsales::backend
