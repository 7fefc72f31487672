#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// The volumes of an embedded database and of embedded messaging, which are not as free as the rest of the spec: a
/// StatefulSet keeps the claim template that it was made with for ever, and a claim's size only grows. So a volume grows by its
/// claim, and nothing ever makes one smaller.

/// "data-demo-database-0": what the StatefulSet of a component calls the claim of its only pod.
[[nodiscard]] std::string claim_name(const PromptSales& app, Component component);

/// The size in the claim template of a StatefulSet as it is; nothing if it has none.
[[nodiscard]] std::optional<std::string> size_made_with(const Object& stateful_set);

/// The size that a claim asks for; nothing if it says none. What it got may be more: providers round up.
[[nodiscard]] std::optional<std::string> size_asked_for(const Object& claim);

/// What a bound claim has got; nothing before it is.
[[nodiscard]] std::optional<std::string> room_of(const Object& claim);

/// The size that the claim is to be raised to; nothing if it is large enough, or cannot grow now because it
/// has no volume yet or is going away.
[[nodiscard]] std::optional<std::string> growth_of(const Object& claim, const std::string& wanted);

/// Why the API server has not taken a larger size, with the remedy.
[[nodiscard]] Error refused_growth(const PromptSales& app, Component component, const Object& claim,
                                   const std::string& wanted, const Error& error);

/// Ready when the volume is as large as it is to be, or is not seen yet.
///
///   VolumeCannotShrink   the spec names a size below the one that the claim has
///   VolumeNotExpandable  the storage class does not let the volume grow; other refusals by their own reasons
///   VolumeGrowing        it has been asked to
///
/// Threads  pure.
[[nodiscard]] Readiness volume_readiness(const Inputs&, const Observed&, Component component);

}  // namespace promptsales::controllers
