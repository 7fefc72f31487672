#pragma once

#include <span>
#include <string_view>

#include "operator/k8s/keep.hpp"
#include "operator/k8s/kind.hpp"

namespace promptsales::controllers {

/// KEDA's autoscaler.
inline constexpr k8s::Kind kScaledObject{"keda.sh", "v1alpha1", "ScaledObject", "scaledobjects"};

/// A kind that not every cluster serves, and that the operator watches only when a resource needs it.
struct OptionalKind {
  const k8s::Kind& kind;      ///< its version may be open (k8s/discovery.hpp)
  std::string_view provider;  ///< "cert-manager": the ClusterRole promptsales-operator-cert-manager allows it
  std::string_view type;      ///< "CertManager": the `type` by which a part of the spec asks for the provider
  /// False: what carries the operator's label, as for every child. True: also what others made and a resource
  /// refers to; then only `keep` is held in memory.
  bool watch_all = false;
  k8s::Keep keep{};
  std::string_view verbs = "get, list, watch, create, patch, delete";
};

/// THE list of them: watches, RBAC and the page docs/operator.md follow from it. A new optional kind is a
/// line in optional_kinds.cpp.
[[nodiscard]] std::span<const OptionalKind> optional_kinds();

/// The entry of a kind, or nullptr: every cluster serves it.
[[nodiscard]] const OptionalKind* optional_kind(const k8s::Kind& kind);

/// True if the kind is in that list.
[[nodiscard]] bool is_optional(const k8s::Kind& kind);

}  // namespace promptsales::controllers
