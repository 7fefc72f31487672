#include "backend/server/loop.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>

#include "backend/log.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

/// Of each service; nobody waits for it that long.
constexpr std::chrono::milliseconds kLoginDeadline{2'000};

std::unique_ptr<RedisClient> make_redis(boost::asio::io_context& context, const LoopConfig& config,
                                        unsigned number) {
  if (!config.services.cache) return nullptr;
  return std::make_unique<RedisClient>(context, std::make_shared<const CacheService>(*config.services.cache),
                                       config.clock, LoopHealth{config.health.cache, number});
}

std::unique_ptr<NatsPresence> make_nats(boost::asio::io_context& context, const LoopConfig& config,
                                        unsigned number) {
  if (!config.services.messaging || number != 0) return nullptr;
  return std::make_unique<NatsPresence>(context, *config.services.messaging, config.clock,
                                        LoopHealth{config.health.messaging, 0});
}

}  // namespace

Loop::Loop(const LoopConfig& config, unsigned number)
    : clock_(config.clock),
      health_(config.health),
      number_(number),
      context_(1),
      keep_running_(context_.get_executor()),
      pool_(context_, std::make_shared<const DatabaseService>(config.services.database),
            config.db_connections, config.clock, LoopHealth{config.health.database, number}),
      campaigns_(pool_),
      sweep_(context_, pool_),
      redis_(make_redis(context_, config, number)),
      nats_(make_nats(context_, config, number)),
      pages_(redis_.get(), random_),
      cursor_keys_(config.services.database.password),
      requests_(public_routes().size()),
      router_(Toolbox{campaigns_, pages_, config.clock, random_, cursor_keys_}, requests_, config.access_log),
      clients_(context_, router_, config.limits, config.clock),
      last_beat_(config.clock.now()) {}

void Loop::start() {
  pool_.start();
  if (redis_) redis_->start();
  if (nats_) nats_->start();
  if (number_ == 0) sweep_.start();
  clients_.start();
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), ("loop-" + std::to_string(number_)).c_str());
    context_.run();
  }};
}

void Loop::stop() {
  post([this] {
    clients_.stop();
    sweep_.stop();
    pool_.stop();
    if (redis_) redis_->stop();
    if (nats_) nats_->stop();
    keep_running_.reset();
  });
}

void Loop::use(std::shared_ptr<const DatabaseService> service) {
  post([this, service = std::move(service)] {
    cursor_keys_.follow(service->password);
    spawn(context_, pool_.move_to(service));
  });
}

void Loop::use(std::shared_ptr<const CacheService> service) {
  post([this, service = std::move(service)] {
    if (redis_) spawn(context_, redis_->move_to(service));
  });
}

boost::asio::awaitable<void> Loop::try_logins() {
  if (health_.database.snapshot().loops_without == 0)
    health_.database.tried_to_log_in(co_await pool_.try_login(kLoginDeadline));
  if (redis_ && health_.cache.snapshot().loops_without == 0)
    health_.cache.tried_to_log_in(co_await redis_->try_login(kLoginDeadline));
}

void Loop::post(std::function<void()> what) { boost::asio::post(context_, std::move(what)); }

void Loop::ping() {
  post([this] { last_beat_.store(clock_.now(), std::memory_order_relaxed); });
}

Clock::Instant::duration Loop::stalled() const {
  return clock_.now() - last_beat_.load(std::memory_order_relaxed);
}

LoopMetrics Loop::metrics() const {
  return {&requests_, &pages_.counts(), clients_.count(), clients_.failed_handshakes()};
}

}  // namespace promptsales::backend
