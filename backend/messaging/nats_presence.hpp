#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "backend/bindings/service.hpp"
#include "backend/health.hpp"
#include "backend/messaging/nats_greeting.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// Keeps one connection to NATS, so that it is known within seconds whether messaging can be used, also of a server that
/// says nothing any more: it is sent a PING every `beat`, and left when it says nothing until the next one. Connects
/// again with 100 ms doubling to 2 s between attempts.
///
/// Threads  the loop's only. Must outlive the run of the loop.
class NatsPresence {
 public:
  static constexpr std::chrono::milliseconds kBeat{2'000};

  NatsPresence(boost::asio::io_context& loop, MessagingService service, const Clock& clock, LoopHealth health,
               std::chrono::milliseconds beat = kBeat);

  void start();
  void stop();

 private:
  boost::asio::awaitable<void> stay();
  boost::asio::awaitable<void> keep_beating(std::shared_ptr<NatsConversation> conversation);

  boost::asio::io_context& loop_;
  const MessagingService service_;
  const Clock& clock_;
  const LoopHealth health_;
  const std::chrono::milliseconds beat_;
  boost::asio::steady_timer retry_timer_;
  boost::asio::steady_timer beat_timer_;
  std::shared_ptr<NatsConversation> conversation_;  ///< null until the server has let us in
  bool stopped_ = false;
};

}  // namespace promptsales::backend
