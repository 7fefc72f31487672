#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/health.hpp"
#include "backend/settings.hpp"

namespace promptsales::backend {

/// Follows the files of the bindings in a thread of its own. When the bytes of a binding have changed and
/// stay the same for a second, its service is tried, and taken into use only if it works; if not, it is tried
/// again with 1 s doubling to 10 s, and `health` says why it is not in use. A database works when its schema is
/// up to date too, which is seen to as at the start: clients would find no tables otherwise.
///
/// Not      a way to get a binding that was not there at the start, nor to lose one.
/// Threads  constructed and destroyed by one thread; the destructor stops and joins (up to some seconds, a
///          trial). The functions are called from the thread of the watcher.
class BindingWatcher {
 public:
  struct Users {
    std::function<void(std::shared_ptr<const DatabaseService>)> database;
    std::function<void(std::shared_ptr<const CacheService>)> cache;  ///< empty: no cache is bound
  };
  BindingWatcher(std::filesystem::path root, Users users, Migrations who, Health& health);

 private:
  /// One binding's way from files to use.
  struct Followed {
    std::string name;
    std::function<Result<void>()> take_into_use;  ///< reads, tries, hands over
    Guarded<BindingHealth>& health;
    std::string used{};  ///< digests of the files
    std::string seen{};
    std::chrono::seconds pause{1};
    unsigned looks_to_skip = 0;
  };
  void run(std::stop_token stop);
  void look(Followed& binding) const;
  void report(Followed& binding, const Result<void>& outcome) const;

  const std::filesystem::path root_;
  const Users users_;
  std::vector<Followed> followed_;
  std::mutex mutex_;  ///< of wake_ only
  std::condition_variable_any wake_;
  std::jthread thread_;  ///< last: runs as soon as it is made
};

}  // namespace promptsales::backend
