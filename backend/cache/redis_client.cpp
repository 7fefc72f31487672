#include "backend/cache/redis_client.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLastRetry{5'000};
constexpr std::chrono::milliseconds kConnectDeadline{2'000};

Failure unavailable(std::string message) {
  return failure(Remedy::kRetryWithBackoff, "CacheUnavailable", std::move(message));
}

asio::awaitable<Result<RespValue>> ask(std::shared_ptr<RedisLink> link,
                                       std::vector<std::string_view> command) {
  auto submit = [&link, &command](auto handler) { link->submit(command, std::move(handler)); };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<RespValue>)>(
      submit, use_awaitable);
}

}  // namespace

RedisClient::RedisClient(asio::io_context& loop, const CacheService& service, const Clock& clock,
                         LoopHealth health)
    : loop_(loop), service_(service), clock_(clock), health_(health), retry_timer_(loop) {}

void RedisClient::start() { asio::co_spawn(loop_, run(), asio::detached); }

void RedisClient::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  if (opening_) opening_->close();
}

asio::awaitable<void> RedisClient::run() {
  auto pause = kFirstRetry;
  while (!stopped_) {
    auto socket = co_await connect();
    if (socket && !stopped_) {
      opening_ = std::make_shared<RedisLink>(loop_, std::move(*socket), clock_);
      asio::co_spawn(loop_, introduce(opening_), asio::detached);
      const auto why = co_await opening_->serve();
      if (link_) {
        pause = kFirstRetry;
        health_.disconnected(why.message, clock_.now());
        if (!stopped_) log_line(LogLevel::kWarn, "lost the cache", {{"why", std::string_view{why.message}}});
      } else {
        health_.failed_to_connect(refused_.empty() ? why.message : refused_);
      }
      link_.reset();
      opening_.reset();
    } else if (!socket) {
      health_.failed_to_connect(socket.error().message);
    }
    if (stopped_) co_return;
    error_code cancelled;
    retry_timer_.expires_after(pause);
    co_await retry_timer_.async_wait(redirect_error(use_awaitable, cancelled));
    pause = std::min(pause * 2, kLastRetry);
  }
}

asio::awaitable<Result<asio::ip::tcp::socket>> RedisClient::connect() {
  error_code error;
  asio::ip::tcp::resolver resolver{loop_};
  const auto port = std::to_string(service_.port);
  const auto found =
      co_await resolver.async_resolve(service_.host, port, redirect_error(use_awaitable, error));
  if (error) co_return unavailable("cannot resolve host " + service_.host + ": " + error.message());
  // Shared with the timer's handler, which may run after the connecting is over.
  const auto socket = std::make_shared<asio::ip::tcp::socket>(loop_);
  asio::steady_timer timer{loop_, kConnectDeadline};
  timer.async_wait([socket](error_code cancelled) {
    error_code ignored;
    if (!cancelled) socket->close(ignored);
  });
  co_await asio::async_connect(*socket, found, redirect_error(use_awaitable, error));
  timer.cancel();
  if (error || !socket->is_open())
    co_return unavailable("cannot connect to " + service_.host + ":" + port + ": " + error.message());
  socket->set_option(asio::ip::tcp::no_delay(true), error);
  co_return std::move(*socket);
}

/// AUTH, SELECT and PING leave together; the link is offered to callers only when all three were accepted.
asio::awaitable<void> RedisClient::introduce(std::shared_ptr<RedisLink> link) {
  refused_.clear();
  const auto number = std::to_string(service_.database);
  std::vector<std::vector<std::string_view>> commands;
  if (!service_.user.empty())
    commands.push_back({"AUTH", service_.user, service_.password});
  else if (!service_.password.empty())
    commands.push_back({"AUTH", service_.password});
  if (service_.database != 0) commands.push_back({"SELECT", number});
  commands.push_back({"PING"});
  for (const auto& command : commands) {
    const auto answer = co_await ask(link, command);
    if (!answer) co_return;
    if (const auto* error = answer->error()) {
      refused_ = "the cache refuses " + std::string{command.front()} + ": " + error->text;
      link->close();
      co_return;
    }
  }
  link_ = link;
  health_.connected();
}

asio::awaitable<Result<RespValue>> RedisClient::command(std::vector<std::string_view> arguments) {
  if (!link_) co_return unavailable("the cache is not reachable");
  co_return co_await ask(link_, std::move(arguments));
}

}  // namespace promptsales::backend
