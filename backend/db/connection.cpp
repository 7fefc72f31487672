#include "backend/db/connection.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/db/connector.hpp"
#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::milliseconds kConnectDeadline{5'000};
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLastRetry{2'000};

}  // namespace

DbConnection::DbConnection(asio::io_context& loop, const DatabaseService& service, const Clock& clock,
                           LoopHealth health)
    : loop_(loop), service_(service), clock_(clock), health_(health), retry_timer_(loop) {}

void DbConnection::start() { asio::co_spawn(loop_, run(), asio::detached); }

void DbConnection::stop() {
  stopped_ = true;
  retry_timer_.cancel();
  if (pipeline_) pipeline_->close();
}

asio::awaitable<void> DbConnection::run() {
  auto pause = kFirstRetry;
  while (!stopped_) {
    auto connection = co_await connect_postgres(loop_, service_, kConnectDeadline);
    if (connection && !stopped_) {
      pause = kFirstRetry;
      pipeline_ = std::make_shared<Pipeline>(loop_, std::move(*connection), clock_);
      health_.connected();
      const auto why = co_await pipeline_->serve();
      pipeline_.reset();
      health_.disconnected(why.message, clock_.now());
      if (!stopped_) log_line(LogLevel::kWarn, "lost the database", {{"why", std::string_view{why.message}}});
    } else if (!connection) {
      health_.failed_to_connect(connection.error().message);
    }
    if (stopped_) co_return;
    boost::system::error_code cancelled;
    retry_timer_.expires_after(pause);
    co_await retry_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    pause = std::min(pause * 2, kLastRetry);
  }
}

asio::awaitable<Result<Rows>> DbConnection::query(const Statement& statement, Params params) {
  if (!pipeline_)
    co_return failure(Remedy::kRetryWithBackoff, "DatabaseUnavailable", "the database is not reachable");
  auto submit = [this, &statement, &params](auto handler) {
    pipeline_->submit(statement, std::move(params), std::move(handler));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<Rows>)>(
      submit, asio::use_awaitable);
}

}  // namespace promptsales::backend
