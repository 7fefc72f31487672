#pragma once

#include <chrono>
#include <optional>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// Ready when every replica runs the newest template and serves, and no older one is left: a person who waits
/// for Ready after a change may rely on it. Else what the pods say (pods.hpp), or how far the roll-out is.
///
/// Threads  pure.
[[nodiscard]] Readiness deployment_readiness(const Object& deployment, const Inputs&, const Observed&);

/// The same for a StatefulSet; a claim that is not bound is named.
[[nodiscard]] Readiness stateful_set_readiness(const Object& stateful_set, const Inputs&, const Observed&);

/// When to look again at pods that have just found no node and may still come to fit on one, which is no event when they
/// do not; nothing if there are none.
///
/// Threads  pure.
[[nodiscard]] std::optional<std::chrono::milliseconds> node_awaited(const Inputs&, const Observed&);

/// Of a StatefulSet or Job that its controller has looked at and that has no pod: unlike a Deployment they say
/// why in Events alone.
[[nodiscard]] Readiness pods_not_made(const Object& workload);

}  // namespace promptsales::controllers
