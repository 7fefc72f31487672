#include "operator/k8s/keep.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace promptsales::k8s {
namespace {

bool is_dropped(std::span<const std::string> path) {
  if (path.size() < 2 || path[0] != "metadata") return false;
  if (path.size() == 2) return path[1] == "managedFields" || path[1] == "resourceVersion";
  return path.size() == 3 && path[1] == "annotations" &&
         path[2] == "kubectl.kubernetes.io/last-applied-configuration";
}

/// One of the two is the beginning of the other.
bool on_the_same_branch(std::span<const std::string> a, std::span<const std::string> b) {
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin());
}

}  // namespace

Keep::Keep(std::initializer_list<std::string_view> dotted_paths) {
  for (std::string_view dotted : dotted_paths) {
    const auto parts = split(dotted, '.');
    only_.emplace_back(parts.begin(), parts.end());
  }
}

bool Keep::keeps(std::span<const std::string> path) const {
  if (is_dropped(path)) return false;
  return only_.empty() ||
         std::ranges::any_of(only_, [&](const auto& kept) { return on_the_same_branch(path, kept); });
}

}  // namespace promptsales::k8s
