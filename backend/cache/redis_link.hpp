#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backend/cache/resp.hpp"
#include "backend/net/channel.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// One live connection to Redis: commands are answered in order, and all that are submitted in one turn of
/// the loop leave in one write.
///
/// Errors   "CacheUnavailable" when the connection ends; it ends by itself when the oldest command has no
///          answer for `kDeadline`: a cache that is slower than the database is worse than none.
/// Threads  the loop's only. Held by shared_ptr, as handlers outlive the owner's interest.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
 public:
  using Done = std::move_only_function<void(Result<RespValue>)>;
  static constexpr std::chrono::milliseconds kDeadline{50};

  RedisLink(boost::asio::io_context& loop, std::shared_ptr<Channel> channel, const Clock& clock,
            std::chrono::milliseconds deadline = kDeadline);

  /// `done` is called once, from the loop, never from inside submit(). An error reply of Redis is a value.
  void submit(const std::vector<std::string_view>& command, Done done);

  /// Reads answers until the connection ends; then every command has been answered. Holds the link itself: a
  /// coroutine that is spawned begins in a later turn of the loop, when nobody else may have it any more.
  /// Returns  why it ended.
  static boost::asio::awaitable<Error> serve(std::shared_ptr<RedisLink> self);
  void close();
  /// Closes as soon as every command has its answer. Nothing may be submitted any more.
  void finish();

 private:
  struct Waiting {
    Done done;
    Clock::Instant since;
  };

  void schedule_write();
  static boost::asio::awaitable<void> write(std::shared_ptr<RedisLink> self);
  boost::asio::awaitable<Error> read();
  void deliver();
  void arm_deadline();
  void end(std::string why);

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const std::chrono::milliseconds deadline_;
  const std::shared_ptr<Channel> channel_;
  boost::asio::steady_timer deadline_timer_;
  RespDecoder decoder_;
  std::string unsent_;
  std::deque<Waiting> waiting_;  ///< in the order sent
  bool writing_ = false;
  bool deadline_armed_ = false;
  bool finishing_ = false;
  std::optional<Error> ended_;
};

}  // namespace promptsales::backend
