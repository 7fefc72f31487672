#include "backend/cache/redis_client.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/cache/introduction.hpp"
#include "backend/log.hpp"
#include "backend/net/dial.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLastRetry{2'000};
constexpr std::chrono::milliseconds kConnectDeadline{2'000};

}  // namespace

RedisClient::RedisClient(asio::io_context& loop, std::shared_ptr<const CacheService> service,
                         const Clock& clock, LoopHealth health)
    : loop_(loop), service_(std::move(service)), clock_(clock), health_(health), retry_timer_(loop) {}

void RedisClient::start() { spawn(loop_, connect_until_linked()); }

void RedisClient::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  for (const auto& link : opened_) link->close();
}

asio::awaitable<void> RedisClient::connect_until_linked() {
  auto pause = kFirstRetry;
  while (!stopped_) {
    const auto by = service_;
    auto link = co_await open(kConnectDeadline);
    if (link_ || stopped_) {
      if (link) (*link)->close();
      co_return;
    }
    if (link && by == service_) {
      link_ = std::move(*link);
      health_.connected();
      co_return;
    }
    if (link) {
      (*link)->close();  // the credentials were replaced meanwhile
    } else {
      if (pause == kFirstRetry)
        log_line(LogLevel::kWarn, "no cache", {{"why", std::string_view{link.error().message}}});
      health_.failed_to_connect(link.error());
    }
    error_code cancelled;
    retry_timer_.expires_after(pause);
    co_await retry_timer_.async_wait(redirect_error(use_awaitable, cancelled));
    pause = std::min(pause * 2, kLastRetry);
  }
}

/// A link whose credentials were accepted; it is being served.
asio::awaitable<Result<RedisClient::Link>> RedisClient::open(std::chrono::milliseconds deadline) {
  const auto service = service_;
  auto channel = co_await dial(loop_, service->destination(), deadline);
  if (!channel) co_return Failure{channel.error()};
  const auto link = std::make_shared<RedisLink>(loop_, std::move(*channel), clock_);
  opened_.push_back(link);
  spawn(loop_, serve(link));
  const auto accepted = co_await introduce(link, service);
  if (accepted) co_return link;
  link->close();
  co_return Failure{accepted.error()};
}

asio::awaitable<void> RedisClient::serve(Link link) {
  const auto why = co_await RedisLink::serve(link);
  std::erase(opened_, link);
  if (link != link_) co_return;
  link_.reset();
  health_.disconnected(why, clock_.now());
  if (stopped_) co_return;
  log_line(LogLevel::kWarn, "lost the cache", {{"why", std::string_view{why.message}}});
  start();
}

asio::awaitable<void> RedisClient::move_to(std::shared_ptr<const CacheService> service) {
  service_ = service;
  if (!link_) co_return;  // the next attempt goes by it
  auto link = co_await open(kConnectDeadline);
  if (!link || !link_ || service_ != service) {
    if (link) (*link)->close();
    co_return;
  }
  const auto before = std::exchange(link_, std::move(*link));
  before->finish();
}

asio::awaitable<Result<void>> RedisClient::try_login(std::chrono::milliseconds deadline) {
  const auto link = co_await open(deadline);
  if (!link) co_return Failure{link.error()};
  (*link)->close();
  co_return Result<void>{};
}

asio::awaitable<Result<RespValue>> RedisClient::command(std::vector<std::string_view> arguments) {
  if (!link_) co_return failure(Remedy::kRetryWithBackoff, "CacheUnavailable", "the cache is not reachable");
  co_return co_await ask(link_, std::move(arguments));
}

}  // namespace promptsales::backend
