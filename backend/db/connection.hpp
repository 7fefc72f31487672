#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/db/pipeline.hpp"
#include "backend/health.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// A place in the pool: keeps one Pipeline to Postgres alive, connecting again with 100 ms doubling to 500 ms
/// between attempts. Tells `health` about each change.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class DbConnection {
 public:
  /// What it tells the pool that it is a place of. Called from the loop.
  struct Pool {
    std::function<void()> connected;
    /// Of a connection that has ended, may be none; and whether it has a successor already.
    std::function<void(std::vector<Query>, bool succeeded)> unanswered;
  };

  DbConnection(boost::asio::io_context& loop, std::shared_ptr<const DatabaseService> service,
               const Clock& clock, LoopHealth health, Pool pool);

  void start();
  /// Ends the connection and makes no new one; the pool gets what has no answer.
  void stop();
  /// Connects by `service` and takes that connection into use; the one before ends when its statements are
  /// answered, so none fails. Returns when that is so, or when there is a still newer service, or after
  /// stop(): until then it tries again, and what works is kept.
  boost::asio::awaitable<void> move_to(std::shared_ptr<const DatabaseService> service);

  /// REQUIRES: connected().
  void submit(Query query) { pipeline_->submit(std::move(query)); }

  [[nodiscard]] bool connected() const { return pipeline_ != nullptr; }
  [[nodiscard]] std::size_t in_flight() const { return pipeline_ ? pipeline_->in_flight() : 0; }

 private:
  boost::asio::awaitable<void> connect_until_up();
  boost::asio::awaitable<Result<std::shared_ptr<Pipeline>>> connect(
      std::shared_ptr<const DatabaseService> service);
  void use(std::shared_ptr<Pipeline> pipeline);
  boost::asio::awaitable<void> serve(std::shared_ptr<Pipeline> pipeline);

  boost::asio::io_context& loop_;
  std::shared_ptr<const DatabaseService> service_;  ///< what the next attempt goes by
  const Clock& clock_;
  const LoopHealth health_;
  const Pool pool_;
  boost::asio::steady_timer retry_timer_;
  boost::asio::steady_timer move_timer_;
  std::shared_ptr<Pipeline> pipeline_;             ///< null while not connected
  std::vector<std::shared_ptr<Pipeline>> served_;  ///< that one and those that are being finished
  bool stopped_ = false;
};

}  // namespace promptsales::backend
