#pragma once

#include <string_view>

#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// Conditions as objects of Kubernetes have them: a list in `status.conditions`, one entry a `type`.
///
/// Threads  pure.

/// The condition of this type in a status; nullptr if there is none. It lives as long as `status`.
[[nodiscard]] const Json* condition_in(const Json& status, std::string_view type);

/// The same of an object.
[[nodiscard]] const Json* condition_of(const Json& object, std::string_view type);

/// Whether the object has it, and it is "True".
[[nodiscard]] bool has_condition(const Json& object, std::string_view type);

}  // namespace promptsales::k8s
