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
  DbPool(boost::asio::io_context& loop, const DatabaseService& service, unsigned size, const Clock& clock,
         LoopHealth health);

  void start();
  void stop();

  /// Errors  as DbConnection::query.
  boost::asio::awaitable<Result<Rows>> query(const Statement& statement, Params params);

 private:
  DbConnection& choose(const Statement& statement);

  std::list<DbConnection> connections_;
  std::list<DbConnection>::iterator next_writer_;
};

}  // namespace promptsales::backend
