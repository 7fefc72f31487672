#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "backend/bindings/service.hpp"
#include "backend/cache/campaign_pages.hpp"
#include "backend/db/campaign_store.hpp"
#include "backend/db/expiry_sweep.hpp"
#include "backend/health.hpp"
#include "backend/http/connection_set.hpp"
#include "backend/messaging/nats_presence.hpp"
#include "backend/metrics/page.hpp"
#include "backend/metrics/request_metrics.hpp"
#include "backend/random.hpp"
#include "backend/routes/router.hpp"

namespace promptsales::backend {

/// What a loop is made with; everything referred to outlives it.
struct LoopConfig {
  const Services& services;
  const Clock& clock;
  Health& health;
  HttpLimits limits;
  unsigned db_connections;  ///< of this loop, 1 or more
  bool access_log;
};

/// One core's share of the server: a thread with its own event loop, database and cache connections, metrics
/// and clients. Loops share nothing, so nothing on the path of a request takes a lock.
///
/// Threads  owned and called by the control thread; what is inside runs on the loop's own thread.
class Loop {
 public:
  Loop(const LoopConfig& config, unsigned number);

  void start();
  /// Ends connections to database and cache, some time later. Clients must be gone.
  void stop();
  /// After stop(): returns when the thread has ended, which an attempt to connect that is under way puts off for as
  /// long as it may take.
  void join() { thread_.join(); }

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] ConnectionSet& clients() { return clients_; }
  /// Moves to a changed binding without a failed request; done some time later.
  void use(std::shared_ptr<const DatabaseService> service);
  void use(std::shared_ptr<const CacheService> service);
  /// Tells `health` whether database and cache, as far as they are connected to, would let one more connection in; within
  /// seconds, a look-up of their names apart. To be run by the loop.
  boost::asio::awaitable<void> try_logins();
  /// Runs `what` on the loop's thread, some time later.
  void post(std::function<void()> what);

  /// Asks the loop for a sign of life; stalled() tells how long ago the last one was.
  void ping();
  [[nodiscard]] Clock::Instant::duration stalled() const;
  [[nodiscard]] LoopMetrics metrics() const;

 private:
  const Clock& clock_;
  Health& health_;
  const unsigned number_;
  boost::asio::io_context context_;  ///< first: all below have timers and sockets of it
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  KernelRandom random_;
  DbPool pool_;
  CampaignStore campaigns_;
  ExpirySweep sweep_;                   ///< started on the first loop only
  std::unique_ptr<RedisClient> redis_;  ///< null if no cache is bound
  std::unique_ptr<NatsPresence> nats_;  ///< of the first loop; null if no messaging is bound
  CampaignPages pages_;
  CursorKeys cursor_keys_;
  RequestMetrics requests_;
  Router router_;
  ConnectionSet clients_;
  std::atomic<Clock::Instant> last_beat_;
  std::thread thread_;
};

}  // namespace promptsales::backend
