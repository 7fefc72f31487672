#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "backend/bindings/service.hpp"
#include "backend/net/channel.hpp"
#include "base/error.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// What NATS and we say to each other, line by line.
///
/// Threads  the loop's only.
class NatsConversation {
 public:
  explicit NatsConversation(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}

  /// The next line without its CRLF; nothing when the server has ended the connection or sends no lines.
  boost::asio::awaitable<std::optional<std::string>> next();
  /// Whether it could be sent; true as well if it is left to another that is being sent.
  boost::asio::awaitable<bool> say(std::string line);
  /// Whether the server has said anything since this was asked last.
  [[nodiscard]] bool has_heard() { return std::exchange(heard_, false); }
  /// Answers the server's PINGs until the connection ends. Returns why it has.
  boost::asio::awaitable<Error> listen();
  /// Ends the connection, and whatever waits for it.
  void close() { channel_->close(); }

 private:
  const std::shared_ptr<Channel> channel_;
  std::string received_;
  std::string unsent_;
  bool sending_ = false;
  bool heard_ = false;
};

/// Connects to NATS, says who we are and waits for its PONG; TLS where the binding or the server demands it.
///
/// Errors   connect_errors; "MessagingUnavailable" when something else than NATS answers.
/// Source   https://docs.nats.io/reference/reference-protocols/nats-protocol
boost::asio::awaitable<Result<std::shared_ptr<NatsConversation>>> greet_nats(
    boost::asio::io_context& loop, MessagingService service, std::chrono::milliseconds deadline);

}  // namespace promptsales::backend
