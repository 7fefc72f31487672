#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "backend/bindings/service.hpp"
#include "backend/health.hpp"

namespace promptsales::backend {

/// Migrates the database in a thread of its own, trying again with 200 ms doubling to 10 s until it succeeds,
/// and tells `health`. A failure that trying again cannot heal is tried again too: someone may repair the
/// database. Looks again each time the database comes back: it may be another one, or restored from a backup.
///
/// Threads  constructed and destroyed by one thread; the destructor stops and joins (up to 5 s, a connect
/// attempt).
class Migrator {
 public:
  Migrator(const DatabaseService& service, Health& health);

 private:
  void run(std::stop_token stop);
  bool attempt(std::string& last_error);

  const DatabaseService& service_;
  Health& health_;
  std::mutex mutex_;  ///< of wake_ only
  std::condition_variable_any wake_;
  std::jthread thread_;  ///< last: runs as soon as it is made
};

}  // namespace promptsales::backend
