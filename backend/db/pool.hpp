#pragma once

#include <list>

#include "backend/db/connection.hpp"

namespace promptsales::backend {

/// The connections of one loop: the first for statements that only read, which batch, the others in turn for
/// those that write. With one connection both share it.
///
/// Threads  the loop's only.
class DbPool {
 public:
  /// REQUIRES: size >= 1.
  DbPool(boost::asio::io_context& loop, std::shared_ptr<const DatabaseService> service, unsigned size,
         const Clock& clock, LoopHealth health);

  void start();
  void stop();
  /// Moves one connection after the other, so that the server sees one more than usual at most. Ends early
  /// when there is a still newer service.
  boost::asio::awaitable<void> move_to(std::shared_ptr<const DatabaseService> service);

  /// Errors  as DbConnection::query.
  boost::asio::awaitable<Result<Rows>> query(const Statement& statement, Params params);

 private:
  DbConnection& choose(const Statement& statement);

  std::list<DbConnection> connections_;
  std::shared_ptr<const DatabaseService> wanted_;
  std::list<DbConnection>::iterator next_writer_;
};

}  // namespace promptsales::backend
