#pragma once

#include <optional>
#include <string>
#include <utility>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::bindings {

/// The object of somebody else, by kind and name in the same namespace, that a child is made inside of; nothing for
/// most. While that is not there the child is not written, since CloudNativePG lets nobody name another one afterwards.
///
/// Threads  pure.
[[nodiscard]] std::optional<std::pair<const k8s::Kind*, std::string>> inside_of(const Child& child,
                                                                                const Inputs& inputs);

}  // namespace promptsales::controllers::bindings
