#pragma once

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// Pods use the services that they were started with until the last of them has been replaced. Until then what
/// was bound before goes on running, and stays within their reach.

/// What pods are replaced for when a binding changes: annotation promptsales.io/binding-hash-<component> of
/// their template, of every binding, or, where they follow their bindings, of the server alone.
[[nodiscard]] Json binding_hashes(const Inputs& inputs);

/// Whether some pod of this Deployment may use other bindings than those of the inputs: it was not told of
/// them yet, or its roll-out is not over.
///
/// Not      aware of pods on their way out, which a Deployment does not count.
/// Threads  pure.
[[nodiscard]] bool uses_former_bindings(const Object& deployment, const Inputs& inputs);

/// Whether pods of this Deployment were made with a binding of the component.
[[nodiscard]] bool mounts_binding(const Object& deployment, Component component);

}  // namespace promptsales::controllers
