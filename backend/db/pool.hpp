#pragma once

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <vector>

#include "backend/db/connection.hpp"

namespace promptsales::backend {

/// The connections of one loop: the first for statements that only read, which batch, the others in turn for
/// those that write. With one connection both share it.
///
/// While there is no connection, statements wait for one: a restart of the server or a failover takes seconds,
/// and a late answer is better than none. The same holds for what a lost connection left without an answer
/// and may be sent again: it waits for a connection that is newer than the loss, as the others of a server that
/// ends are about to end too, or for kSecondChoice.
///
/// Threads  the loop's only.
class DbPool {
 public:
  /// How long a statement waits for a connection. The pod stays ready for longer than that
  /// (admin/readiness.hpp, and the probe's period).
  static constexpr std::chrono::milliseconds kPatience{8'000};
  /// From then on one of the connections that were there before will do: no new one may come (the server is full).
  static constexpr std::chrono::milliseconds kSecondChoice{500};
  /// How many statements may wait; each is a request of a client that is connected.
  static constexpr std::size_t kMaxWaiting = 4096;

  /// REQUIRES: size >= 1.
  DbPool(boost::asio::io_context& loop, std::shared_ptr<const DatabaseService> service, unsigned size,
         const Clock& clock, LoopHealth health, std::chrono::milliseconds patience = kPatience);

  DbPool(const DbPool&) = delete;  // its connections call it
  DbPool& operator=(const DbPool&) = delete;

  void start();
  /// Statements without an answer get "DatabaseUnavailable".
  void stop();
  /// Moves one connection after the other, so that the server sees one more than usual at most. Ends early
  /// when there is a still newer service.
  boost::asio::awaitable<void> move_to(std::shared_ptr<const DatabaseService> service);

  /// Connects once more, and leaves again: whether the server would let us in.
  boost::asio::awaitable<Result<void>> try_login(std::chrono::milliseconds deadline);

  /// Errors  as Pipeline; "DatabaseUnavailable" also after `patience` without a connection, and at once when
  ///         kMaxWaiting statements wait already.
  boost::asio::awaitable<Result<Rows>> query(const Statement& statement, Params params);

 private:
  DbConnection* choose(const Statement& statement);
  void submit(Query query);
  void wait(Query query);
  void submit_waiting();
  void take_back(std::vector<Query> unanswered, bool succeeded);
  void arm_second_choice();
  void arm_patience();
  void give_up(Query query);

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const std::chrono::milliseconds patience_;
  boost::asio::steady_timer patience_timer_;
  boost::asio::steady_timer second_choice_timer_;
  bool second_choice_armed_ = false;
  std::vector<Query> waiting_;
  bool stopped_ = false;
  std::list<DbConnection> connections_;
  std::shared_ptr<const DatabaseService> wanted_;
  std::list<DbConnection>::iterator next_writer_;
};

}  // namespace promptsales::backend
