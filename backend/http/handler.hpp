#pragma once

#include <boost/asio/awaitable.hpp>

#include "backend/http/reply.hpp"
#include "backend/http/request.hpp"

namespace promptsales::backend {

/// Answers requests. One object serves all connections of one loop, on that loop's thread only.
class Handler {
 public:
  virtual ~Handler() = default;

  /// Must not throw: what goes wrong is a reply too. `request` stays valid until the reply is there.
  [[nodiscard]] virtual boost::asio::awaitable<Reply> handle(const Request& request) = 0;
};

}  // namespace promptsales::backend
