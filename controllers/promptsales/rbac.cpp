#include "controllers/promptsales/rbac.hpp"

#include <map>
#include <set>
#include <vector>

#include "base/strings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/optional_kinds.hpp"

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

std::string role_with(const std::string& name, const std::string& rules) {
  return R"(apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: )" +
         name + R"(
  labels: {app.kubernetes.io/name: promptsales-operator, app.kubernetes.io/part-of: promptsales}
rules:
)" + rules +
         R"(---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: )" +
         name + R"(
  labels: {app.kubernetes.io/name: promptsales-operator, app.kubernetes.io/part-of: promptsales}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: )" +
         name + R"(}
subjects:
  - {kind: ServiceAccount, name: promptsales-operator, namespace: promptsales-system}
)";
}

/// A role for each provider, in the order of the list.
std::string provider_roles() {
  std::vector<std::pair<std::string, std::string>> rules;  // by provider
  for (const auto& each : optional_kinds()) {
    const std::string provider{each.provider};
    if (rules.empty() || rules.back().first != provider) rules.emplace_back(provider, "");
    rules.back().second += rule(each.kind.group, {std::string{each.kind.plural}}, std::string{each.verbs});
  }
  std::string roles;
  for (const auto& [provider, text] : rules)
    roles += "---\n# Only for resources that use " + provider + ": leave it out where nobody does.\n" +
             role_with("promptsales-operator-" + provider, text);
  return roles;
}

}  // namespace

std::string rbac_manifest() {
  std::string text = "  # The resource: read, and say how it is.\n";
  text += rule("promptsales.io", {"promptsales"}, "get, list, watch");
  text += rule("promptsales.io", {"promptsales/status"}, "patch");
  text +=
      "  # Owner references that block deletion need it where that is enforced; the resource is not written "
      "by it.\n";
  text += rule("promptsales.io", {"promptsales/finalizers"}, "update");
  text += "  # Children.\n" + child_rules();
  text += "  # What explains why a child is not ready.\n";
  text += rule("", {"pods"}, "get, list, watch");
  text += "  # Whether it is being deleted: its pods go long before what is in it is told.\n";
  text += rule("", {"namespaces"}, "get");
  text += "  # Volumes grow; nothing makes one smaller or deletes it.\n";
  text += rule("", {"persistentvolumeclaims"}, "get, list, watch, patch");
  text += "  # Events.\n";
  text += rule("events.k8s.io", {"events"}, "create, patch");
  return "# What the operator may do. Made by `make rbac` from the list of children; do not edit.\n" +
         role_with("promptsales-operator", text) + provider_roles();
}

}  // namespace promptsales::controllers
