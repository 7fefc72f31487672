#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/effective.hpp"

namespace promptsales::controllers {

/// One sentence if the backend at its maximum plus the servers beside it (servers.hpp) ask for more CPU, memory or storage
/// than the tier's machines have; nothing if they fit or the tier is open-ended.
///
/// For a Warning event, not a refusal: the person may have bigger machines.
[[nodiscard]] std::optional<std::string> over_budget(const Effective& effective);

}  // namespace promptsales::controllers
