#include "backend/db/pipeline.hpp"

#include <openssl/ssl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string_view>

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kNoSuchStatement = "26000";
constexpr const char* kTimeout = "DatabaseTimeout";

Error unavailable(std::string message) {
  return {Remedy::kRetryWithBackoff, "DatabaseUnavailable", std::move(message)};
}

std::string_view sqlstate(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

/// The server is shutting down, ends this connection, or gave no state because the connection broke.
bool is_end_of_connection(const PGresult* result) {
  if (PQresultStatus(result) != PGRES_FATAL_ERROR) return false;
  const auto state = sqlstate(result);
  return state.empty() || state.starts_with("57P");
}

bool succeeded(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

}  // namespace

Result<std::shared_ptr<Pipeline>> Pipeline::begin(asio::io_context& loop, PgHandle connection,
                                                  const Clock& clock) {
  asio::posix::stream_descriptor socket{loop};
  boost::system::error_code error;
  const int descriptor = dup(PQsocket(connection.get()));
  socket.assign(descriptor, error);
  if (error) {
    if (descriptor >= 0) ::close(descriptor);
    return failure(Remedy::kRetryWithBackoff, "DatabaseUnavailable",
                   "the process has no descriptor left for a connection to the database; raise its limit of "
                   "open files");
  }
  return std::shared_ptr<Pipeline>{new Pipeline{loop, std::move(connection), std::move(socket), clock}};
}

Pipeline::Pipeline(asio::io_context& loop, PgHandle connection, asio::posix::stream_descriptor socket,
                   const Clock& clock)
    : loop_(loop),
      clock_(clock),
      connection_(std::move(connection)),
      socket_(std::move(socket)),
      deadline_timer_(loop) {}

void Pipeline::submit(Query query) {
  if (ended_) return unanswered_.push_back(std::move(query));
  if (in_flight() >= kMaxInFlight) {
    asio::post(loop_, [done = std::move(query.done)]() mutable {
      done(failure(Remedy::kRetryWithBackoff, "DatabaseBusy",
                   "more statements are waiting than the database can answer in time"));
    });
    return;
  }
  waiting_.push_back(std::move(query));
  schedule_send();
}

void Pipeline::schedule_send() {
  if (send_scheduled_) return;
  send_scheduled_ = true;
  asio::post(loop_, [self = shared_from_this()] { self->send_waiting(); });
}

void Pipeline::send_waiting() {
  send_scheduled_ = false;
  if (ended_) return;
  auto batch = std::exchange(waiting_, {});
  const auto shares_a_sync = [](const Query& q) { return q.statement->read_only && !q.alone; };
  const auto singles = std::stable_partition(batch.begin(), batch.end(), shares_a_sync);
  bool sent = true;
  // What libpq takes no more goes back: close() answers it with the rest.
  const auto send_or_keep = [&](Query& query) {
    if (sent)
      sent = send(std::move(query));
    else
      waiting_.push_back(std::move(query));
  };
  for (auto at = batch.begin(); at != singles; ++at) send_or_keep(*at);
  if (singles != batch.begin()) sync();
  for (auto at = singles; at != batch.end(); ++at) {
    send_or_keep(*at);
    sync();
  }
  arm_deadline();
  if (sent)
    flush();
  else
    close();
}

/// False if libpq refused, which it does only for a connection that has ended; the statement is then among
/// sent_.
bool Pipeline::send(Query query) {
  const auto& statement = *query.statement;
  const auto now = clock_.now();
  ++query.sent;
  bool accepted = true;
  if (prepared_.insert(&statement).second) {
    accepted = PQsendPrepare(connection_.get(), statement.name, statement.sql,
                             static_cast<int>(statement.types.size()), statement.types.data()) == 1;
    if (accepted) sent_.push_back({.kind = Sent::Kind::kPrepare, .statement = &statement, .since = now});
  }
  const auto arrays = query.params.arrays();
  accepted = accepted &&
             PQsendQueryPrepared(connection_.get(), statement.name, query.params.count(),
                                 arrays.values.data(), arrays.lengths.data(), arrays.formats.data(), 1) == 1;
  sent_.push_back(
      {.kind = Sent::Kind::kQuery, .statement = &statement, .query = std::move(query), .since = now});
  return accepted;
}

void Pipeline::sync() {
  PQpipelineSync(connection_.get());
  sent_.push_back({.kind = Sent::Kind::kSync, .since = clock_.now()});
}

void Pipeline::flush() {
  if (flushing_ || ended_) return;
  const int left = PQflush(connection_.get());
  if (left < 0) return close();
  if (left == 0) return;
  flushing_ = true;  // the socket is full: go on when it takes more
  socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                     [self = shared_from_this()](error_code error) {
                       self->flushing_ = false;
                       if (!error) self->flush();
                     });
}

asio::awaitable<Error> Pipeline::serve() {
  const auto self = shared_from_this();
  while (!ended_) {
    error_code error;
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error || !receive()) break;
    flush();  // libpq may have put off sending because it had to read first
    deliver();
    if (finishing_ && in_flight() == 0) break;
  }
  if (!ended_) ended_ = unavailable(last_error(connection_.get()));
  close();
  end_all(*ended_);
  co_return *ended_;
}

void Pipeline::close() {
  error_code ignored;
  socket_.close(ignored);
  deadline_timer_.cancel();
}

void Pipeline::finish() {
  finishing_ = true;
  if (in_flight() == 0) close();
}

/// Takes all answers that have arrived; false when the connection has ended.
bool Pipeline::receive() {
  if (!consume_input()) return false;
  while (!sent_.empty() && PQisBusy(connection_.get()) == 0) {
    PgResultPtr result{PQgetResult(connection_.get())};
    if (result && PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
      sent_.front().result = std::move(result);
      continue;  // the null that ends this statement's answer comes next
    }
    auto front = std::move(sent_.front());
    sent_.pop_front();
    settle(std::move(front));
  }
  return PQstatus(connection_.get()) == CONNECTION_OK;
}

/// libpq reads as much as its buffer has room for. Under TLS the rest of a record then waits inside OpenSSL,
/// where no readiness of the socket would ever tell of it.
bool Pipeline::consume_input() {
  auto* tls = static_cast<SSL*>(PQgetssl(connection_.get()));
  do {
    if (PQconsumeInput(connection_.get()) != 1) return false;
  } while (tls != nullptr && SSL_pending(tls) > 0);
  return true;
}

void Pipeline::settle(Sent sent) {
  if (sent.kind == Sent::Kind::kSync) {
    prepare_failure_.reset();
    return;
  }
  if (sent.kind == Sent::Kind::kPrepare) return settle_prepare(sent);
  auto& query = sent.query;
  const auto* result = sent.result.get();
  if (succeeded(result)) {
    finished_.push_back({std::move(query), Rows{std::move(sent.result)}});
  } else if (is_end_of_connection(result)) {
    end(std::move(query), error_of(result));
  } else if (!query.alone && sqlstate(result) == kNoSuchStatement) {
    prepared_.erase(sent.statement);
    retry_alone(std::move(query));
  } else if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED) {
    finished_.push_back({std::move(query), Failure{error_of(result)}});
  } else if (query.statement->read_only && !query.alone) {
    retry_alone(std::move(query));
  } else {
    auto why = prepare_failure_.value_or(unavailable("the statement was skipped by the server"));
    finished_.push_back({std::move(query), Failure{std::move(why)}});
  }
}

void Pipeline::settle_prepare(const Sent& sent) {
  if (succeeded(sent.result.get())) return;
  prepared_.erase(sent.statement);
  if (PQresultStatus(sent.result.get()) != PGRES_PIPELINE_ABORTED)
    prepare_failure_ = error_of(sent.result.get());
}

/// Of what the server has certainly not done.
void Pipeline::retry_alone(Query query) {
  query.alone = true;
  --query.sent;
  waiting_.push_back(std::move(query));
  schedule_send();
}

/// Hands over what is finished. A handler may submit more, so it never runs while the queues are being
/// walked.
void Pipeline::deliver() {
  auto finished = std::exchange(finished_, {});
  for (auto& each : finished) each.query.done(std::move(each.result));
}

void Pipeline::arm_deadline() {
  if (deadline_armed_ || sent_.empty() || ended_) return;
  deadline_armed_ = true;
  const auto left = sent_.front().since + kDeadline - clock_.now();
  deadline_timer_.expires_after(std::max(left, Clock::Instant::duration{std::chrono::milliseconds{10}}));
  deadline_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    self->deadline_armed_ = false;
    if (cancelled || self->ended_ || self->sent_.empty()) return;
    if (self->clock_.now() < self->sent_.front().since + kDeadline) return self->arm_deadline();
    self->ended_ = Error{Remedy::kRetryWithBackoff, kTimeout, "the database did not answer in 3 s"};
    self->close();
  });
}

void Pipeline::end_all(const Error& why) {
  for (auto& sent : std::exchange(sent_, {})) {
    if (sent.kind == Sent::Kind::kQuery) end(std::move(sent.query), why);
  }
  for (auto& query : std::exchange(waiting_, {})) end(std::move(query), why);
  deliver();
}

/// A server that is too slow is not asked the same once more; what has not left can be asked of another.
void Pipeline::end(Query query, const Error& why) {
  if (query.may_be_sent() && (why.reason != kTimeout || query.sent == 0))
    unanswered_.push_back(std::move(query));
  else
    finished_.push_back({std::move(query), Failure{why}});
}

Error Pipeline::error_of(const PGresult* result) const {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = primary == nullptr ? last_error(connection_.get()) : primary;
  const auto state = sqlstate(result);
  if (is_end_of_connection(result)) return unavailable(message);
  if (state == "57014") return {Remedy::kRetryWithBackoff, kTimeout, message};
  return {Remedy::kWaitForSpecChange, "Sql" + std::string{state}, message};
}

}  // namespace promptsales::backend
