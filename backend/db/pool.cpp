#include "backend/db/pool.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/db/connector.hpp"
#include "base/check.hpp"

namespace promptsales::backend {

namespace asio = boost::asio;

DbPool::DbPool(asio::io_context& loop, std::shared_ptr<const DatabaseService> service, unsigned size,
               const Clock& clock, LoopHealth health, std::chrono::milliseconds patience)
    : loop_(loop), clock_(clock), patience_(patience), patience_timer_(loop), second_choice_timer_(loop) {
  PS_CHECK(size >= 1);
  const DbConnection::Pool pool{
      .connected = [this] { submit_waiting(); },
      .unanswered = [this](std::vector<Query> queries,
                           bool succeeded) { take_back(std::move(queries), succeeded); }};
  for (unsigned i = 0; i < size; ++i) connections_.emplace_back(loop, service, clock, health, pool);
  next_writer_ = connections_.begin();
  wanted_ = std::move(service);
}

void DbPool::start() {
  for (auto& connection : connections_) connection.start();
}

void DbPool::stop() {
  stopped_ = true;
  patience_timer_.cancel();
  second_choice_timer_.cancel();
  for (auto& connection : connections_) connection.stop();
  for (auto& query : std::exchange(waiting_, {})) give_up(std::move(query));
}

asio::awaitable<void> DbPool::move_to(std::shared_ptr<const DatabaseService> service) {
  wanted_ = service;
  for (auto& connection : connections_) {
    co_await connection.move_to(service);
    if (wanted_ != service) co_return;
  }
}

asio::awaitable<Result<void>> DbPool::try_login(std::chrono::milliseconds deadline) {
  const auto service = wanted_;
  const auto connection = co_await connect_postgres(loop_, *service, deadline);
  if (!connection) co_return Failure{connection.error()};
  co_return Result<void>{};
}

/// The wanted connection, or, while that one is down, any other that is up; null if none is.
DbConnection* DbPool::choose(const Statement& statement) {
  auto wanted = connections_.begin();
  if (!statement.read_only && connections_.size() > 1) {
    if (++next_writer_ == connections_.end()) next_writer_ = std::next(connections_.begin());
    wanted = next_writer_;
  }
  if (wanted->connected()) return &*wanted;
  const auto other = std::ranges::find_if(connections_, &DbConnection::connected);
  return other == connections_.end() ? nullptr : &*other;
}

asio::awaitable<Result<Rows>> DbPool::query(const Statement& statement, Params params) {
  auto begin = [this, &statement, &params](auto handler) {
    submit({.statement = &statement,
            .params = std::move(params),
            .done = std::move(handler),
            .until = clock_.now() + patience_});
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<Rows>)>(
      begin, asio::use_awaitable);
}

void DbPool::submit(Query query) {
  if (stopped_) return give_up(std::move(query));
  if (auto* connection = choose(*query.statement)) return connection->submit(std::move(query));
  wait(std::move(query));
}

void DbPool::wait(Query query) {
  if (waiting_.size() >= kMaxWaiting || clock_.now() >= query.until) return give_up(std::move(query));
  const bool is_first_to_give_up =
      std::ranges::all_of(waiting_, [&](const Query& each) { return query.until < each.until; });
  waiting_.push_back(std::move(query));
  if (is_first_to_give_up) arm_patience();
}

void DbPool::take_back(std::vector<Query> unanswered, bool succeeded) {
  for (auto& query : unanswered) {
    if (succeeded || stopped_ || waiting_.size() >= kMaxWaiting)
      submit(std::move(query));
    else
      wait(std::move(query));
  }
  if (!waiting_.empty()) arm_second_choice();
}

/// For whoever has waited longest: later losses do not put it off.
void DbPool::arm_second_choice() {
  if (second_choice_armed_) return;
  second_choice_armed_ = true;
  second_choice_timer_.expires_after(kSecondChoice);
  second_choice_timer_.async_wait([this](boost::system::error_code cancelled) {
    second_choice_armed_ = false;
    if (!cancelled && !stopped_) submit_waiting();
  });
}

void DbPool::submit_waiting() {
  patience_timer_.cancel();
  for (auto& query : std::exchange(waiting_, {})) submit(std::move(query));
}

/// Gives up what has waited long enough, when that is so. While nobody waits, no timer runs.
void DbPool::arm_patience() {
  const auto first = std::ranges::min_element(waiting_, {}, &Query::until)->until;
  patience_timer_.expires_after(std::max<Clock::Instant::duration>(first - clock_.now(), {}));
  patience_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled || stopped_) return;
    auto waiting = std::exchange(waiting_, {});
    const auto now = clock_.now();
    for (auto& query : waiting) {
      if (now >= query.until)
        give_up(std::move(query));
      else
        waiting_.push_back(std::move(query));
    }
    if (!waiting_.empty()) arm_patience();
  });
}

void DbPool::give_up(Query query) {
  asio::post(loop_, [done = std::move(query.done)]() mutable {
    done(failure(Remedy::kRetryWithBackoff, "DatabaseUnavailable", "the database is not reachable"));
  });
}

}  // namespace promptsales::backend
