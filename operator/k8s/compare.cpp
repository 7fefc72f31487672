#include "operator/k8s/compare.hpp"

#include <algorithm>
#include <array>

namespace promptsales::k8s {
namespace {

/// Lists to which webhooks, people and other controllers add entries of their own.
constexpr std::array<std::string_view, 7> kShared{"containers",   "initContainers",  "volumes",   "env",
                                                  "volumeMounts", "ownerReferences", "finalizers"};

/// Fields that have one meaning as a whole: the API replaces them as one (x-kubernetes-list-type and
/// -map-type atomic), and a key that somebody added inside changes who is meant, such as a namespaceSelector.
constexpr std::array<std::string_view, 6> kWhole{"ingress",       "egress",      "selector",
                                                 "labelSelector", "podSelector", "matchLabels"};

bool covers_list(const Json& live, const Json& intent, bool shared) {
  if (live.size() < intent.size() || (!shared && live.size() != intent.size())) return false;
  std::vector<bool> taken(live.size(), false);
  return std::ranges::all_of(intent, [&](const Json& wanted) {
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (taken[i] || !covers(live[i], wanted)) continue;
      taken[i] = true;
      return true;
    }
    return false;
  });
}

bool is_empty(const Json& value) { return value.is_structured() && value.empty(); }

bool covers_member(const Json& live, const std::string& name, const Json& wanted) {
  const auto found = live.find(name);
  if (found == live.end()) return is_empty(wanted);
  if (std::ranges::find(kWhole, name) != kWhole.end()) return *found == wanted;
  if (!wanted.is_array() || !found->is_array()) return covers(*found, wanted);
  return covers_list(*found, wanted, std::ranges::find(kShared, name) != kShared.end());
}

}  // namespace

bool covers(const Json& live, const Json& intent) {
  if (intent.is_object() && live.is_object()) {
    return std::ranges::all_of(
        intent.items(), [&](const auto& item) { return covers_member(live, item.key(), item.value()); });
  }
  if (intent.is_array() && live.is_array()) return covers_list(live, intent, /*shared=*/false);
  return live == intent;
}

}  // namespace promptsales::k8s
