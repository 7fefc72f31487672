#pragma once

#include <span>
#include <string_view>

#include "operator/k8s/keep.hpp"
#include "operator/k8s/kind.hpp"

namespace promptsales::controllers {

/// A kind that not every cluster serves, and that the operator watches only when a resource needs it.
struct OptionalKind {
  const k8s::Kind& kind;      ///< its version may be open: the one that the server prefers
  std::string_view provider;  ///< "cert-manager": the ClusterRole promptsales-operator-cert-manager allows it
  /// False: what carries the operator's label, as for every child. True: also what others made and a resource
  /// refers to; then only `keep` is held in memory.
  bool watch_all = false;
  k8s::Keep keep{};
  std::string_view verbs = "get, list, watch, create, patch, delete";
};

/// THE list of them: watches, RBAC and the page docs/operator.md follow from it. A new optional kind is a
/// line in optional_kinds.cpp.
[[nodiscard]] std::span<const OptionalKind> optional_kinds();

/// The `type` of a component by which a resource asks for the provider of an optional kind: "CloudNativePG".
/// REQUIRES: is_optional(kind)
[[nodiscard]] std::string_view type_that_needs(const k8s::Kind& kind);

/// True if the kind is in that list.
[[nodiscard]] bool is_optional(const k8s::Kind& kind);

}  // namespace promptsales::controllers
