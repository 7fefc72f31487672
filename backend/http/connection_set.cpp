#include "backend/http/connection_set.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/log.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {

namespace asio = boost::asio;

ConnectionSet::ConnectionSet(asio::io_context& loop, Handler& handler, const HttpLimits& limits,
                             const Clock& clock)
    : loop_(loop),
      limits_(limits),
      clock_(clock),
      date_(clock),
      context_{handler, limits_, clock_, date_, closing_},
      sweep_timer_(loop) {}

void ConnectionSet::start() { spawn(loop_, sweep()); }

void ConnectionSet::stop() {
  stopped_ = true;
  sweep_timer_.cancel();
}

void ConnectionSet::adopt(asio::ip::tcp::socket socket, SslPtr session) {
  count_.fetch_add(1, std::memory_order_relaxed);
  asio::dispatch(loop_, [this, socket = std::move(socket), session = std::move(session)]() mutable {
    begin(std::move(socket), std::move(session));
  });
}

void ConnectionSet::begin(asio::ip::tcp::socket socket, SslPtr session) {
  boost::system::error_code ignored;  // a client that is already gone shows in the first read
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  connections_.emplace_front(std::move(socket), std::move(session), context_);
  spawn(loop_, serve(connections_.begin()));
}

asio::awaitable<void> ConnectionSet::serve(std::list<Connection>::iterator connection) {
  try {
    bool open = true;
    if (connection->wants_tls()) open = co_await secure(*connection);
    if (open) co_await connection->run();
  } catch (const std::exception& thrown) {  // out of memory, most likely: one client, not the process
    log_line(LogLevel::kError, "closed a client's connection", {{"why", std::string_view{thrown.what()}}});
    handshaking_.remove(&*connection);
  }
  connections_.erase(connection);
  count_.fetch_sub(1, std::memory_order_relaxed);
}

/// Clients that are slow with their handshake push each other out, and never one that has done it.
asio::awaitable<bool> ConnectionSet::secure(Connection& connection) {
  if (handshaking_.size() >= limits_.handshakes) {
    handshaking_.front()->abort();
    handshaking_.pop_front();
  }
  handshaking_.push_back(&connection);
  const bool secured = co_await connection.secure();
  handshaking_.remove(&connection);
  if (!secured) failed_handshakes_.fetch_add(1, std::memory_order_relaxed);
  co_return secured;
}

asio::awaitable<void> ConnectionSet::sweep() {
  while (!stopped_) {
    boost::system::error_code cancelled;
    sweep_timer_.expires_after(limits_.sweep_every);
    co_await sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    const auto now = clock_.now();
    for (auto& connection : connections_) connection.expire(now);
  }
}

void ConnectionSet::close_idle() {
  for (auto& connection : connections_) {
    if (connection.idle()) connection.abort();
  }
}

void ConnectionSet::abort_all() {
  for (auto& connection : connections_) connection.abort();
}

}  // namespace promptsales::backend
