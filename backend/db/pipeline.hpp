#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "backend/db/pg_handle.hpp"
#include "backend/db/query.hpp"

namespace promptsales::backend {

/// One live connection in pipeline mode: many statements are on their way at once.
///
/// Everything that is submitted in one turn of the loop leaves in one system call. Read-only statements of a
/// turn share one sync, hence one transaction on the server: where one fails, the server skips the rest, and
/// they are sent again, each alone. A statement that writes always has a sync, hence a transaction, of its
/// own.
///
/// When the connection ends, what may be sent over another one is not answered here: take_unanswered().
///
/// Errors   reason "Sql" + SQLSTATE for what the server refused; "DatabaseUnavailable" when the connection
///          ends, "DatabaseTimeout" when the oldest statement has no answer for `kDeadline` (the connection
///          ends too), "DatabaseBusy" above `kMaxInFlight`. Whether a write took effect is unknown after
///          "DatabaseUnavailable" and "DatabaseTimeout".
/// Threads  the loop's only. Held by shared_ptr, as handlers outlive the owner's interest.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  /// Above the statement_timeout of 2 s, which a pooler in between may not pass on: then it is the only limit.
  static constexpr std::chrono::milliseconds kDeadline{3'000};
  /// Some 300 ms of what one connection answers.
  static constexpr std::size_t kMaxInFlight = 8192;

  /// Takes a connection into use.
  ///
  /// Errors   DatabaseUnavailable when the process may open no more descriptors.
  [[nodiscard]] static Result<std::shared_ptr<Pipeline>> begin(boost::asio::io_context& loop,
                                                               PgHandle connection, const Clock& clock);

  /// Its `done` is never called from inside submit().
  void submit(Query query);

  /// Reads answers until the connection ends, by itself or by close(); then every statement has been
  /// answered or is among take_unanswered(). Returns  why it ended.
  boost::asio::awaitable<Error> serve();
  [[nodiscard]] std::vector<Query> take_unanswered() { return std::exchange(unanswered_, {}); }
  void close();
  /// Closes as soon as every statement has its answer. Nothing may be submitted any more.
  void finish();

  [[nodiscard]] std::size_t in_flight() const { return waiting_.size() + sent_.size(); }

 private:
  /// What the server still owes us an answer for, in the order sent.
  struct Sent {
    enum class Kind { kPrepare, kQuery, kSync } kind;
    const Statement* statement = nullptr;
    Query query{};
    PgResultPtr result{};
    Clock::Instant since{};
  };
  struct Finished {
    Query query;
    Result<Rows> result;
  };

  Pipeline(boost::asio::io_context& loop, PgHandle connection, boost::asio::posix::stream_descriptor socket,
           const Clock& clock);
  void schedule_send();
  void send_waiting();
  bool send(Query query);
  void sync();
  void flush();
  bool receive();
  bool consume_input();
  void settle(Sent sent);
  void settle_prepare(const Sent& sent);
  void retry_alone(Query query);
  void deliver();
  void arm_deadline();
  void end_all(const Error& why);
  void end(Query query, const Error& why);
  [[nodiscard]] Error error_of(const PGresult* result) const;

  boost::asio::io_context& loop_;
  const Clock& clock_;
  PgHandle connection_;
  boost::asio::posix::stream_descriptor socket_;  ///< a duplicate: libpq keeps its own
  boost::asio::steady_timer deadline_timer_;
  std::vector<Query> waiting_;  ///< submitted in this turn
  std::deque<Sent> sent_;
  std::vector<Query> unanswered_;   ///< to be sent over another connection
  std::vector<Finished> finished_;  ///< to be handed over at the end of receive()
  std::unordered_set<const Statement*> prepared_;
  std::optional<Error> prepare_failure_;  ///< of the batch being received
  bool send_scheduled_ = false;
  bool flushing_ = false;
  bool deadline_armed_ = false;
  bool finishing_ = false;
  std::optional<Error> ended_;
};

}  // namespace promptsales::backend
