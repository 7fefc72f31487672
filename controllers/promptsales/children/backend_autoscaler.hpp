#pragma once

#include <chrono>
#include <optional>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// How much longer the autoscaler's want of metrics is put down to pods that are new. No event tells when that is over.
///
/// Threads  pure.
[[nodiscard]] std::optional<std::chrono::milliseconds> metrics_awaited(const Inputs& inputs,
                                                                       const Observed& observed);

}  // namespace promptsales::controllers
