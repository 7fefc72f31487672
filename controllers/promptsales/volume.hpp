#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// The embedded database's volume, which is not as free as the rest of the spec: a StatefulSet keeps the
/// claim template that it was made with for ever, and a claim's size only grows.

/// "data-demo-database-0": what the StatefulSet calls the claim of its only pod.
[[nodiscard]] std::string claim_name(const PromptSales& app);

/// The size in the claim template of a StatefulSet as it is; nothing if it has none.
[[nodiscard]] std::optional<std::string> size_made_with(const Object& stateful_set);

/// Ready when the claim is as large as the spec asks for, or is not seen yet. Else VolumeTooSmall, with the
/// command that makes it larger: this version does not do that itself.
///
/// Threads  pure.
[[nodiscard]] Readiness volume_readiness(const Inputs&, const Observed&);

}  // namespace promptsales::controllers
