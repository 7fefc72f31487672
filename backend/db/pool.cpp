#include "backend/db/pool.hpp"

#include "base/check.hpp"

namespace promptsales::backend {

DbPool::DbPool(boost::asio::io_context& loop, std::shared_ptr<const DatabaseService> service, unsigned size,
               const Clock& clock, LoopHealth health) {
  PS_CHECK(size >= 1);
  for (unsigned i = 0; i < size; ++i) connections_.emplace_back(loop, service, clock, health);
  next_writer_ = connections_.begin();
}

void DbPool::start() {
  for (auto& connection : connections_) connection.start();
}

void DbPool::stop() {
  for (auto& connection : connections_) connection.stop();
}

boost::asio::awaitable<void> DbPool::move_to(std::shared_ptr<const DatabaseService> service) {
  wanted_ = service;
  for (auto& connection : connections_) {
    co_await connection.move_to(service);
    if (wanted_ != service) co_return;
  }
}

/// The wanted connection, or, while that one is down, any other that is up.
DbConnection& DbPool::choose(const Statement& statement) {
  auto wanted = connections_.begin();
  if (!statement.read_only && connections_.size() > 1) {
    if (++next_writer_ == connections_.end()) next_writer_ = std::next(connections_.begin());
    wanted = next_writer_;
  }
  if (wanted->connected()) return *wanted;
  for (auto& other : connections_) {
    if (other.connected()) return other;
  }
  return *wanted;
}

boost::asio::awaitable<Result<Rows>> DbPool::query(const Statement& statement, Params params) {
  return choose(statement).query(statement, std::move(params));
}

}  // namespace promptsales::backend
