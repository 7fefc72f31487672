#include "backend/cache/redis_link.hpp"

#include <array>
#include <boost/asio/post.hpp>

#include "backend/net/spawn.hpp"

namespace promptsales::backend {

namespace asio = boost::asio;
using boost::system::error_code;

RedisLink::RedisLink(asio::io_context& loop, std::shared_ptr<Channel> channel, const Clock& clock,
                     std::chrono::milliseconds deadline)
    : loop_(loop), clock_(clock), deadline_(deadline), channel_(std::move(channel)), deadline_timer_(loop) {}

void RedisLink::submit(const std::vector<std::string_view>& command, Done done) {
  if (ended_) {
    asio::post(loop_, [done = std::move(done), why = *ended_]() mutable { done(Failure{why}); });
    return;
  }
  append_command(unsent_, command);
  waiting_.push_back({std::move(done), clock_.now()});
  schedule_write();
  arm_deadline();
}

void RedisLink::schedule_write() {
  if (writing_) return;
  writing_ = true;
  asio::post(loop_, [self = shared_from_this()] { spawn(self->loop_, write(self)); });
}

asio::awaitable<void> RedisLink::write(std::shared_ptr<RedisLink> self) {
  while (!self->unsent_.empty() && !self->ended_) {
    error_code error;
    const auto bytes = std::exchange(self->unsent_, {});
    co_await self->channel_->write(asio::buffer(bytes), error);
    if (error) self->close();
  }
  self->writing_ = false;
}

asio::awaitable<Error> RedisLink::serve(std::shared_ptr<RedisLink> self) { co_return co_await self->read(); }

asio::awaitable<Error> RedisLink::read() {
  std::array<char, 16 * 1024> bytes;
  while (!ended_) {
    error_code error;
    const auto n = co_await channel_->read_some(asio::buffer(bytes), error);
    decoder_.append({bytes.data(), n});
    deliver();
    if (error) end("the connection was lost");
    if (decoder_.broken()) end("the server does not speak the Redis protocol");
    if (finishing_ && waiting_.empty()) end("the connection is no longer wanted");
  }
  close();
  for (auto& waiting : std::exchange(waiting_, {})) waiting.done(Failure{*ended_});
  co_return *ended_;
}

void RedisLink::deliver() {
  while (auto value = decoder_.next()) {
    if (waiting_.empty()) return end("the server sent an answer that nobody asked for");
    auto done = std::move(waiting_.front().done);
    waiting_.pop_front();
    done(std::move(*value));
  }
}

void RedisLink::end(std::string why) {
  if (!ended_) ended_ = Error{Remedy::kRetryWithBackoff, "CacheUnavailable", std::move(why)};
}

void RedisLink::close() {
  channel_->close();
  deadline_timer_.cancel();
}

void RedisLink::finish() {
  finishing_ = true;
  if (waiting_.empty()) close();
}

void RedisLink::arm_deadline() {
  if (deadline_armed_ || ended_) return;
  deadline_armed_ = true;
  deadline_timer_.expires_after(deadline_);
  deadline_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    self->deadline_armed_ = false;
    if (cancelled || self->waiting_.empty()) return;
    if (self->clock_.now() < self->waiting_.front().since + self->deadline_) return self->arm_deadline();
    self->end("no answer within " + std::to_string(self->deadline_.count()) + " ms");
    self->close();
  });
}

}  // namespace promptsales::backend
