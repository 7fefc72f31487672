#include "controllers/promptsales/rbac.hpp"

#include <map>
#include <set>
#include <vector>

#include "base/strings.hpp"
#include "controllers/promptsales/children.hpp"

namespace promptsales::controllers {
namespace {

std::string quoted_group(std::string_view group) { return group.empty() ? "\"\"" : std::string{group}; }

/// One line of `rules:`.
std::string rule(std::string_view group, const std::vector<std::string>& resources,
                 const std::string& verbs) {
  return "  - {apiGroups: [" + quoted_group(group) + "], resources: [" + join(resources, ", ") +
         "], verbs: [" + verbs + "]}\n";
}

/// A rule for each API group of the children, in the order of the groups' names.
std::string child_rules() {
  std::map<std::string_view, std::set<std::string>> by_group;
  for (const auto* kind : child_kinds()) by_group[kind->group].insert(std::string{kind->plural});
  std::string rules;
  for (const auto& [group, resources] : by_group)
    rules += rule(group, {resources.begin(), resources.end()}, "get, list, watch, create, patch, delete");
  return rules;
}

constexpr std::string_view kHeader =
    R"(# What the operator may do. Made by `make rbac` from the list of children; do not edit.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: promptsales-operator
  labels: {app.kubernetes.io/name: promptsales-operator, app.kubernetes.io/part-of: promptsales}
rules:
)";

constexpr std::string_view kFooter = R"(---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: promptsales-operator
  labels: {app.kubernetes.io/name: promptsales-operator, app.kubernetes.io/part-of: promptsales}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: promptsales-operator}
subjects:
  - {kind: ServiceAccount, name: promptsales-operator, namespace: promptsales-system}
)";

}  // namespace

std::string rbac_manifest() {
  std::string text{kHeader};
  text += "  # The resource: read, and say how it is.\n";
  text += rule("promptsales.io", {"promptsales"}, "get, list, watch");
  text += rule("promptsales.io", {"promptsales/status"}, "patch");
  text +=
      "  # Owner references that block deletion need it where that is enforced; the resource is not written "
      "by it.\n";
  text += rule("promptsales.io", {"promptsales/finalizers"}, "update");
  text += "  # Children.\n" + child_rules();
  text += "  # What explains why a child is not ready.\n";
  text += rule("", {"pods"}, "get, list, watch");
  text += "  # Volumes grow; nothing makes one smaller or deletes it.\n";
  text += rule("", {"persistentvolumeclaims"}, "get, list, watch, patch");
  text += "  # Events.\n";
  text += rule("events.k8s.io", {"events"}, "create, patch");
  return text + std::string{kFooter};
}

}  // namespace promptsales::controllers
