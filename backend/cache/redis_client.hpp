#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/cache/redis_link.hpp"
#include "backend/health.hpp"

namespace promptsales::backend {

/// Keeps one RedisLink alive, authenticated and on the right database, connecting again with 100 ms doubling
/// to 5 s between attempts. While there is no link commands fail at once: the callers do without the cache.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class RedisClient {
 public:
  RedisClient(boost::asio::io_context& loop, const CacheService& service, const Clock& clock,
              LoopHealth health);

  void start();
  void stop();

  /// Errors  "CacheUnavailable". An error reply of Redis is a value (RespValue::error).
  boost::asio::awaitable<Result<RespValue>> command(std::vector<std::string_view> arguments);

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> connect();
  boost::asio::awaitable<void> introduce(std::shared_ptr<RedisLink> link);

  boost::asio::io_context& loop_;
  const CacheService& service_;
  const Clock& clock_;
  const LoopHealth health_;
  boost::asio::steady_timer retry_timer_;
  std::shared_ptr<RedisLink> link_;     ///< null until the server has accepted our credentials
  std::shared_ptr<RedisLink> opening_;  ///< from connect on, for stop()
  std::string refused_;                 ///< what the server said to our introduction, "" if it was fine
  bool stopped_ = false;
};

}  // namespace promptsales::backend
