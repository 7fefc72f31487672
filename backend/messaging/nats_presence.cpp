#include "backend/messaging/nats_presence.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/log.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLastRetry{2'000};
constexpr std::chrono::milliseconds kConnectDeadline{2'000};

asio::awaitable<void> wait(asio::steady_timer& timer, std::chrono::milliseconds length) {
  boost::system::error_code cancelled;
  timer.expires_after(length);
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace

NatsPresence::NatsPresence(asio::io_context& loop, MessagingService service, const Clock& clock,
                           LoopHealth health, std::chrono::milliseconds beat)
    : loop_(loop),
      service_(std::move(service)),
      clock_(clock),
      health_(health),
      beat_(beat),
      retry_timer_(loop),
      beat_timer_(loop) {}

void NatsPresence::start() { spawn(loop_, stay()); }

void NatsPresence::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  if (conversation_) conversation_->close();
}

asio::awaitable<void> NatsPresence::stay() {
  for (auto pause = kFirstRetry; !stopped_; pause = std::min(pause * 2, kLastRetry)) {
    auto greeted = co_await greet_nats(loop_, service_, kConnectDeadline);
    if (stopped_) co_return;
    if (greeted) {
      conversation_ = std::move(*greeted);
      const auto since = clock_.now();
      health_.connected();
      spawn(loop_, keep_beating(conversation_));
      const auto why = co_await conversation_->listen();
      conversation_.reset();
      beat_timer_.cancel();
      health_.disconnected(why, clock_.now());
      if (stopped_) co_return;
      log_line(LogLevel::kWarn, "lost messaging", {{"why", std::string_view{why.message}}});
      if (clock_.now() - since >= beat_) pause = kFirstRetry;  // else it lets in and throws out
    } else {
      if (pause == kFirstRetry)
        log_line(LogLevel::kWarn, "no messaging", {{"why", std::string_view{greeted.error().message}}});
      health_.failed_to_connect(greeted.error());
    }
    co_await wait(retry_timer_, pause);
  }
}

asio::awaitable<void> NatsPresence::keep_beating(std::shared_ptr<NatsConversation> conversation) {
  while (conversation == conversation_) {
    co_await wait(beat_timer_, beat_);
    if (conversation != conversation_) co_return;
    if (!conversation->has_heard()) co_return conversation->close();
    co_await conversation->say("PING");
  }
}

}  // namespace promptsales::backend
