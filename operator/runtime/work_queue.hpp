#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.hpp"
#include "operator/k8s/object.hpp"
#include "operator/runtime/backoff.hpp"

namespace promptsales::runtime {

/// What a person is waiting for comes first; what was there at start-up comes last.
enum class Priority { kUserChange = 0, kChild = 1, kInitial = 2 };
inline constexpr std::size_t kPriorities = 3;

/// Keys that need a reconcile, each at most once and never two workers on the same key.
///
/// A key added while it is being worked on comes back when that work is done. Failed keys wait with back-off;
/// an event may shorten that wait to a quarter of it but never to nothing, so that a hot object that keeps
/// failing cannot take a worker for itself. Every fourth key taken is the one that has waited longest
/// whatever its priority, so that no priority starves.
///
/// Threads  any; take() blocks.
/// Not      a rate limit across keys.
class WorkQueue {
 public:
  using Key = k8s::ObjectKey;

  explicit WorkQueue(const Clock& clock, std::uint32_t seed = std::random_device{}());

  void add(const Key& key, Priority priority);
  void add_after(const Key& key, std::chrono::milliseconds delay);
  /// After a failure: again after the key's growing delay, or after `at_least` if that is longer.
  void add_failed(const Key& key, std::chrono::milliseconds at_least = {});
  /// After a success, or when what failed has been changed: the next failure starts from the shortest delay
  /// again, and add() does not wait.
  void forget(const Key& key);

  /// The next key, which then counts as being worked on until done(). Blocks; nothing when `stop` is
  /// requested.
  [[nodiscard]] std::optional<Key> take(std::stop_token stop);
  void done(const Key& key);

  /// Keys that are ready to be taken; delayed ones and those being worked on are not counted.
  [[nodiscard]] std::size_t depth() const;

  /// How long ago a taken key had become ready; asked right after take(), the time it waited.
  [[nodiscard]] std::chrono::nanoseconds waited(const Key& key) const;

 private:
  struct Ready {
    Key key;
    Clock::Instant since;
  };
  struct Failed {
    std::chrono::milliseconds delay{};
    Clock::Instant not_before{};
  };

  void make_ready(const Key& key, Priority priority);  // all below: with mutex_ held
  void promote(const Key& key, Priority priority);
  void delay_until(const Key& key, Clock::Instant when);
  void release_due();
  void wake_a_worker();
  [[nodiscard]] std::deque<Ready>* next_band();
  [[nodiscard]] Clock::Instant earliest_after_failure(const Key& key) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::array<std::deque<Ready>, kPriorities> bands_;  // every key in it is in queued_
  std::unordered_set<Key> queued_;
  std::unordered_map<Key, Clock::Instant> processing_;  // since when it had been ready; never in queued_
  std::unordered_map<Key, Priority> dirty_;             // added while processing; queued by done()
  std::multimap<Clock::Instant, Key> delayed_;
  std::unordered_map<Key, Clock::Instant> delayed_until_;  // the one entry of each key in delayed_
  std::unordered_map<Key, Failed> failed_;
  std::mt19937 random_;
  unsigned taken_ = 0;
  std::uint64_t changes_ = 0;  // what a sleeping worker waits to differ
};

}  // namespace promptsales::runtime
