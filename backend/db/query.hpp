#pragma once

#include <functional>

#include "backend/db/params.hpp"
#include "backend/db/rows.hpp"
#include "backend/db/statement.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// A statement on its way to its answer, from one connection to the next if need be.
struct Query {
  /// How often one is sent at most: a statement that ends the server's process must not do so for ever.
  static constexpr int kMaxSent = 3;

  const Statement* statement;
  Params params;
  std::move_only_function<void(Result<Rows>)> done;  ///< called once, from the loop
  Clock::Instant until{};                            ///< how long it may wait for a connection
  int sent = 0;
  bool alone = false;  ///< not to share a transaction: sent again because another statement of it failed

  /// Whether its connection's end may be answered by sending it over another one.
  [[nodiscard]] bool may_be_sent() const { return sent == 0 || (statement->repeatable && sent < kMaxSent); }
};

}  // namespace promptsales::backend
