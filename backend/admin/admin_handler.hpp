#pragma once

#include <functional>
#include <optional>
#include <string>

#include "backend/admin/readiness.hpp"
#include "backend/http/handler.hpp"

namespace promptsales::backend {

/// /healthz, /readyz and /metrics. Never on the public port.
///
/// Threads  the control loop's.
class AdminHandler final : public Handler {
 public:
  struct Sources {
    std::function<std::optional<std::string>()>
        stuck;  ///< what has stopped making progress; nothing if all is well
    std::function<Readiness()> readiness;
    std::function<std::string()> metrics;
  };
  explicit AdminHandler(Sources sources) : sources_(std::move(sources)) {}

  [[nodiscard]] boost::asio::awaitable<Reply> handle(const Request& request) override;

 private:
  Reply answer(const Request& request) const;
  const Sources sources_;
};

}  // namespace promptsales::backend
