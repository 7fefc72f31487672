#include "controllers/promptsales/optional_kinds.hpp"

#include <algorithm>
#include <vector>

namespace promptsales::controllers {

std::span<const OptionalKind> optional_kinds() {
  static constexpr std::string_view kRead = "get, list, watch";
  static const k8s::Keep conditions{"kind", "metadata.name", "metadata.namespace", "status.conditions"};
  static const std::vector<OptionalKind> kKinds{
      {.kind = k8s::kinds::kCertificate, .provider = "cert-manager"},
      {k8s::kinds::kIssuer, "cert-manager", /*watch_all=*/true, conditions, kRead},
      {k8s::kinds::kClusterIssuer, "cert-manager", /*watch_all=*/true, conditions, kRead},
  };
  return kKinds;
}

bool is_optional(const k8s::Kind& kind) {
  return std::ranges::any_of(optional_kinds(), [&](const auto& each) { return each.kind == kind; });
}

}  // namespace promptsales::controllers
