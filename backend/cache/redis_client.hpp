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
/// to 2 s between attempts. While there is no link commands fail at once: the callers do without the cache.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class RedisClient {
 public:
  RedisClient(boost::asio::io_context& loop, std::shared_ptr<const CacheService> service, const Clock& clock,
              LoopHealth health);

  void start();
  void stop();
  /// Makes a link by `service` and takes it into use; the one before ends when its commands are answered.
  /// Fails towards "keep what works": without an answer from there the link stays as it is.
  boost::asio::awaitable<void> move_to(std::shared_ptr<const CacheService> service);

  /// Makes a link beside the one that there is, and ends it: whether the server would let us in.
  boost::asio::awaitable<Result<void>> try_login(std::chrono::milliseconds deadline);

  /// Errors  "CacheUnavailable". An error reply of Redis is a value (RespValue::error).
  boost::asio::awaitable<Result<RespValue>> command(std::vector<std::string_view> arguments);

 private:
  using Link = std::shared_ptr<RedisLink>;
  boost::asio::awaitable<void> connect_until_linked();
  boost::asio::awaitable<Result<Link>> open(std::chrono::milliseconds deadline);
  boost::asio::awaitable<void> serve(Link link);

  boost::asio::io_context& loop_;
  std::shared_ptr<const CacheService> service_;  ///< what the next attempt goes by
  const Clock& clock_;
  const LoopHealth health_;
  boost::asio::steady_timer retry_timer_;
  Link link_;                 ///< null until the server has accepted our credentials
  std::vector<Link> opened_;  ///< all that are being served, for stop()
  bool stopped_ = false;
};

}  // namespace promptsales::backend
