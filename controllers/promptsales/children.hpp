#pragma once

#include <span>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

namespace children {
#define CHILD(name) extern const Child name;
#include "controllers/promptsales/children.def"
#undef CHILD
}  // namespace children

/// Every child of children.def, in its order.
[[nodiscard]] std::span<const Child* const> all_children();

/// The kinds of those children, each once, without the optional ones (optional_kinds.hpp): what is watched
/// from the start, and what RBAC must allow.
[[nodiscard]] std::span<const k8s::Kind* const> child_kinds();

/// The child that an object of this kind and name would be, if it holds data of others' making; else nullptr.
[[nodiscard]] const Child* holder_of_data(const PromptSales& app, const k8s::Kind& kind,
                                          std::string_view name);

/// The apply body that gives a new Deployment its first replicas, under a field manager of its own, when an
/// autoscaler keeps them afterwards, or nobody changes them; nothing when the Deployment itself says how many
/// there are.
[[nodiscard]] std::optional<Object> initial_replicas(const Inputs& inputs);

/// ready() of children that have nothing to wait for.
[[nodiscard]] Readiness ready_when_present(const Object& child, const Inputs&, const Observed&);

}  // namespace promptsales::controllers
