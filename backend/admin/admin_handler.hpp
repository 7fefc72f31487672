#pragma once

#include <functional>
#include <optional>
#include <string>

#include "backend/admin/readiness.hpp"
#include "backend/http/handler.hpp"

namespace promptsales::backend {

/// /healthz, /readyz and /metrics. Never on the public port. `/readyz?logins` has logins tried first: connections that
/// there are stay open when somebody alters a password, and tell nothing of it.
///
/// Threads  the control loop's.
class AdminHandler final : public Handler {
 public:
  struct Sources {
    std::function<std::optional<std::string>()>
        stuck;  ///< what has stopped making progress; nothing if all is well
    std::function<Readiness()> readiness;
    std::function<boost::asio::awaitable<void>()> try_logins;
    std::function<std::string()> metrics;
  };
  explicit AdminHandler(Sources sources) : sources_(std::move(sources)) {}

  [[nodiscard]] boost::asio::awaitable<Reply> handle(const Request& request) override;

 private:
  Reply answer(const Request& request) const;
  const Sources sources_;
};

}  // namespace promptsales::backend
