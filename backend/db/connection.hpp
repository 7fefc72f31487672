#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "backend/bindings/service.hpp"
#include "backend/db/pipeline.hpp"
#include "backend/health.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// A place in the pool: keeps one Pipeline to Postgres alive, connecting again with 100 ms doubling to 2 s
/// between attempts. Tells `health` about each change.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class DbConnection {
 public:
  DbConnection(boost::asio::io_context& loop, const DatabaseService& service, const Clock& clock,
               LoopHealth health);

  void start();
  /// Ends the connection and makes no new one; statements in flight are answered with "DatabaseUnavailable".
  void stop();

  /// Errors  as Pipeline; "DatabaseUnavailable" at once while there is no connection: a request waits for an
  ///         answer, never for a reconnect.
  boost::asio::awaitable<Result<Rows>> query(const Statement& statement, Params params);

  [[nodiscard]] bool connected() const { return pipeline_ != nullptr; }
  [[nodiscard]] std::size_t in_flight() const { return pipeline_ ? pipeline_->in_flight() : 0; }

 private:
  boost::asio::awaitable<void> run();

  boost::asio::io_context& loop_;
  const DatabaseService& service_;
  const Clock& clock_;
  const LoopHealth health_;
  boost::asio::steady_timer retry_timer_;
  std::shared_ptr<Pipeline> pipeline_;  ///< null while not connected
  bool stopped_ = false;
};

}  // namespace promptsales::backend
