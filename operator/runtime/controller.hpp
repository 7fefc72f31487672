#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "operator/runtime/metrics.hpp"
#include "operator/runtime/work_queue.hpp"

namespace promptsales::runtime {

/// What a successful reconcile asks for.
struct Next {
  std::optional<std::chrono::milliseconds> after;  ///< look again after this; nothing: at the next event

  [[nodiscard]] static Next on_event() { return {}; }
  [[nodiscard]] static Next in(std::chrono::milliseconds delay) { return {delay}; }
};

/// Brings the world closer to what the object of this key asks for. Must work from any state of the world,
/// and must not be told what happened: the key is all it gets.
///
/// Errors   retried with back-off; kWaitForSpecChange and kWaitForChange are not retried until an event
/// comes,
///          or the latter's retry_after is over.
/// Threads  never two at once for one key; many at once for different keys.
using Reconcile = std::function<Result<Next>(const k8s::ObjectKey& key, std::stop_token stop)>;

/// A queue and the workers that empty it.
class Controller {
 public:
  Controller(Reconcile reconcile, int workers, const Clock& clock, Metrics& metrics);

  /// Where informers' handlers put keys; before start() they just wait there.
  [[nodiscard]] WorkQueue& queue() { return queue_; }

  void start();
  /// Takes no more keys, asks running reconciles to stop, and returns when all workers have ended.
  void stop();
  [[nodiscard]] bool running() const { return !workers_.empty(); }
  /// How many reconciles have ended since this was made.
  [[nodiscard]] std::uint64_t reconciles() const { return reconciles_; }

 private:
  void work(std::stop_token stop);
  void reconcile_one(const k8s::ObjectKey& key, std::stop_token stop);
  void waits_no_more(const k8s::ObjectKey& key);
  void log_waiting(const k8s::ObjectKey& key, const Error& error);
  /// The boundary where exceptions end: a bug in one reconcile is a failed reconcile, not a dead process.
  [[nodiscard]] Result<Next> guarded(const k8s::ObjectKey& key, std::stop_token stop);

  const Reconcile reconcile_;
  const int worker_count_;
  const Clock& clock_;
  Metrics& metrics_;
  WorkQueue queue_;
  std::atomic<int> active_ = 0;
  Guarded<std::unordered_map<k8s::ObjectKey, std::string>> waiting_for_;  ///< what was logged last
  std::atomic<std::uint64_t> reconciles_ = 0;
  std::vector<std::jthread> workers_;  ///< last member: end before what they use
};

}  // namespace promptsales::runtime
