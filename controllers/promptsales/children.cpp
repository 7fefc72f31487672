#include "controllers/promptsales/children.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"

namespace promptsales::controllers {

std::span<const Child* const> all_children() {
  static constexpr std::array kChildren{
#define CHILD(name) &children::name,
#include "controllers/promptsales/children.def"
#undef CHILD
  };
  return kChildren;
}

std::span<const k8s::Kind* const> child_kinds() {
  static const std::vector<const k8s::Kind*> kinds = [] {
    std::vector<const k8s::Kind*> distinct;
    for (const Child* child : all_children())
      if (!is_optional(child->kind) && std::ranges::find(distinct, &child->kind) == distinct.end())
        distinct.push_back(&child->kind);
    return distinct;
  }();
  return kinds;
}

const Child* holder_of_data(const PromptSales& app, const k8s::Kind& kind, std::string_view name) {
  const auto found = std::ranges::find_if(all_children(), [&](const Child* child) {
    // Copies, which hold nothing of their own, have longer names.
    return child->when_deleted && child->kind == kind && child_name(app, child->component) == name;
  });
  return found == all_children().end() ? nullptr : *found;
}

Readiness ready_when_present(const Object&, const Inputs&, const Observed&) { return {}; }

}  // namespace promptsales::controllers
