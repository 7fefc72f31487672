#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <string>

#include "backend/http/date.hpp"
#include "backend/http/handler.hpp"
#include "backend/http/limits.hpp"
#include "backend/http/parser.hpp"
#include "backend/net/channel.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// What all connections of a loop share. Lives as long as the loop.
struct ConnectionContext {
  Handler& handler;
  const HttpLimits& limits;
  const Clock& clock;
  HttpDate& date;
  const bool& closing;  ///< from now on every reply says Connection: close
};

/// One client's connection: reads requests, has them answered in order, writes the replies. All requests that
/// are already in the read buffer are answered before one write, so a pipelining client costs one system
/// call.
///
/// Threads  its loop only. Lives until run() returns.
class Connection {
 public:
  /// With a session the client is served over TLS: secure() comes before run().
  Connection(boost::asio::ip::tcp::socket socket, SslPtr session, ConnectionContext context);

  [[nodiscard]] bool wants_tls() { return channel_.tls().has_value(); }
  /// The TLS handshake; false if the connection is at its end. A client that speaks plain HTTP to the TLS
  /// port is told so in plain HTTP.
  boost::asio::awaitable<bool> secure();
  /// Serves until the client leaves, a deadline passes or a reply says close. Never throws.
  boost::asio::awaitable<void> run();

  /// Closes at once if the deadline of what it is doing has passed.
  void expire(Clock::Instant now);
  /// True between requests with nothing received; never before the first request, which may be on its way.
  [[nodiscard]] bool idle() const;
  /// Closes at once; run() returns soon after.
  void abort();

 private:
  enum class Phase { kHandshake, kFirst, kIdle, kHead, kBody, kHandling, kWriting, kLingering };

  boost::asio::awaitable<bool> read_request();
  boost::asio::awaitable<bool> read_some(std::size_t at_most);
  boost::asio::awaitable<bool> answer_request();
  boost::asio::awaitable<bool> write();
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<void> refuse_plain_http();
  void enter(Phase phase);
  void reply_to_failure(const ParseFailure& failure);

  Channel channel_;
  const ConnectionContext context_;
  boost::beast::flat_buffer received_;
  std::string unsent_;  ///< replies that are complete but not yet written
  Request request_;
  Phase phase_ = Phase::kFirst;
  Clock::Instant deadline_;
  bool last_ = false;  ///< the reply just gathered ends the connection
};

}  // namespace promptsales::backend
