#include "backend/db/connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/db/connector.hpp"
#include "backend/log.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::milliseconds kConnectDeadline{5'000};
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLastRetry{500};

asio::awaitable<void> wait(asio::steady_timer& timer, std::chrono::milliseconds pause) {
  boost::system::error_code cancelled;
  timer.expires_after(pause);
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}  // namespace

DbConnection::DbConnection(asio::io_context& loop, std::shared_ptr<const DatabaseService> service,
                           const Clock& clock, LoopHealth health, Pool pool)
    : loop_(loop),
      service_(std::move(service)),
      clock_(clock),
      health_(health),
      pool_(std::move(pool)),
      retry_timer_(loop),
      move_timer_(loop) {}

void DbConnection::start() { spawn(loop_, connect_until_up()); }

void DbConnection::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  move_timer_.cancel();
  for (const auto& pipeline : served_) pipeline->close();
}

asio::awaitable<void> DbConnection::connect_until_up() {
  for (auto pause = kFirstRetry; !stopped_; pause = std::min(pause * 2, kLastRetry)) {
    const auto by = service_;
    auto pipeline = co_await connect(by);
    if (stopped_) co_return;
    if (pipeline && by == service_) {
      use(std::move(*pipeline));
      health_.connected();
      pool_.connected();
      co_return;
    }
    if (!pipeline) health_.failed_to_connect(pipeline.error());
    co_await wait(retry_timer_, pause);
  }
}

asio::awaitable<Result<std::shared_ptr<Pipeline>>> DbConnection::connect(
    std::shared_ptr<const DatabaseService> service) {
  auto connection = co_await connect_postgres(loop_, *service, kConnectDeadline);
  if (!connection) co_return Failure{connection.error()};
  co_return Pipeline::begin(loop_, std::move(*connection), clock_);
}

void DbConnection::use(std::shared_ptr<Pipeline> pipeline) {
  pipeline_ = pipeline;
  served_.push_back(pipeline);
  spawn(loop_, serve(std::move(pipeline)));
}

asio::awaitable<void> DbConnection::serve(std::shared_ptr<Pipeline> pipeline) {
  const auto why = co_await pipeline->serve();
  std::erase(served_, pipeline);
  const bool in_use = pipeline == pipeline_;  // if not, its successor is
  if (in_use) {
    pipeline_.reset();
    health_.disconnected(why, clock_.now());
  }
  pool_.unanswered(pipeline->take_unanswered(), pipeline_ != nullptr);
  if (stopped_ || !in_use) co_return;
  log_line(LogLevel::kWarn, "lost the database", {{"why", std::string_view{why.message}}});
  start();
}

asio::awaitable<void> DbConnection::move_to(std::shared_ptr<const DatabaseService> service) {
  service_ = service;
  for (auto pause = kFirstRetry; pipeline_; pause = std::min(pause * 2, kLastRetry)) {
    auto pipeline = co_await connect(service);
    if (stopped_ || service_ != service || !pipeline_)
      co_return;  // if it was lost, it comes back by service_
    if (pipeline) {
      const auto before = pipeline_;
      use(std::move(*pipeline));
      before->finish();
      co_return;
    }
    co_await wait(move_timer_, pause);
    if (stopped_ || service_ != service) co_return;
  }
}

}  // namespace promptsales::backend
