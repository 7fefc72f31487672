#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "backend/db/pool.hpp"

namespace promptsales::backend {

/// Deletes idempotency keys that have expired, at most 5,000 a minute per process, so that the table does not
/// grow for ever. Replicas skip the rows that another one is deleting. A failure is left to the next minute.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class ExpirySweep {
 public:
  ExpirySweep(boost::asio::io_context& loop, DbPool& pool,
              std::chrono::milliseconds every = std::chrono::minutes{1})
      : loop_(loop), pool_(pool), every_(every), timer_(loop) {}

  void start();
  void stop();

 private:
  boost::asio::awaitable<void> run();

  boost::asio::io_context& loop_;
  DbPool& pool_;
  const std::chrono::milliseconds every_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
};

}  // namespace promptsales::backend
