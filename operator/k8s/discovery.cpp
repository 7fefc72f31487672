#include "operator/k8s/discovery.hpp"

#include "base/strings.hpp"

namespace promptsales::k8s {

HttpRequest group_request(std::string_view group) { return {.target = "/apis/" + percent_encode(group)}; }

HttpRequest resources_request(std::string_view group, std::string_view version) {
  const std::string root = group.empty() ? "/api" : group_request(group).target;
  return {.target = root + "/" + percent_encode(version)};
}

std::string preferred_version(const Json& api_group) {
  return string_at(api_group, {"preferredVersion", "version"});
}

std::optional<ServedKind> kind_in(const Json& resource_list, std::string_view group, std::string_view version,
                                  std::string_view kind) {
  const Json* resources = at_path(resource_list, {"resources"});
  if (!resources || !resources->is_array()) return std::nullopt;
  for (const Json& resource : *resources) {
    const std::string plural = string_at(resource, {"name"});
    if (string_at(resource, {"kind"}) != kind || plural.empty() || plural.find('/') != plural.npos) continue;
    return ServedKind{std::string{group}, std::string{version}, std::string{kind}, plural,
                      bool_at(resource, {"namespaced"})};
  }
  return std::nullopt;
}

}  // namespace promptsales::k8s
