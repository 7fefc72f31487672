#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "backend/http/connection.hpp"

namespace promptsales::backend {

/// The connections of one loop: starts them, closes those that are past a deadline, and winds them down.
///
/// Threads  the loop's thread only, except adopt() and count(). Everything passed in must outlive it; it must
/// outlive the
///          run of the loop.
class ConnectionSet {
 public:
  ConnectionSet(boost::asio::io_context& loop, Handler& handler, const HttpLimits& limits,
                const Clock& clock);

  /// Begins the sweep for deadlines; ends with stop().
  void start();
  void stop();

  /// Serves the socket, which must belong to this loop, over TLS if there is a session. It counts from now
  /// on.
  /// Threads  any.
  void adopt(boost::asio::ip::tcp::socket socket, SslPtr session = nullptr);
  /// Every reply from now on says Connection: close.
  void announce_close() { closing_ = true; }
  /// Closes connections that wait for a next request; others end after their reply.
  void close_idle();
  void abort_all();

  /// Threads  any.
  [[nodiscard]] std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  /// Threads  any.
  [[nodiscard]] std::uint64_t failed_handshakes() const {
    return failed_handshakes_.load(std::memory_order_relaxed);
  }

 private:
  void begin(boost::asio::ip::tcp::socket socket, SslPtr session);
  boost::asio::awaitable<bool> secure(Connection& connection);
  boost::asio::awaitable<void> serve(std::list<Connection>::iterator connection);
  boost::asio::awaitable<void> sweep();

  boost::asio::io_context& loop_;
  const HttpLimits limits_;
  const Clock& clock_;
  HttpDate date_;
  bool closing_ = false;
  bool stopped_ = false;
  const ConnectionContext context_;
  boost::asio::steady_timer sweep_timer_;
  std::list<Connection> connections_;
  std::list<Connection*> handshaking_;  ///< of connections_, oldest first
  std::atomic<std::uint64_t> failed_handshakes_ = 0;
  std::atomic<std::size_t> count_ = 0;  ///< size of connections_ and those on their way to it
};

}  // namespace promptsales::backend
