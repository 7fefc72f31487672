#include "controllers/promptsales/optional_kinds.hpp"

#include <algorithm>
#include <vector>

namespace promptsales::controllers {

std::span<const OptionalKind> optional_kinds() {
  static const std::vector<OptionalKind> kKinds{};
  return kKinds;
}

bool is_optional(const k8s::Kind& kind) {
  return std::ranges::any_of(optional_kinds(), [&](const auto& each) { return each.kind == kind; });
}

}  // namespace promptsales::controllers
