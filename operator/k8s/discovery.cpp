#include "operator/k8s/discovery.hpp"

#include <algorithm>
#include <iterator>

#include "base/strings.hpp"

namespace promptsales::k8s {
namespace {

// Azure Service Operator has versions of many years at once, "v1api20240801", previews of some of them, and for each a
// hub, in which it keeps what it knows and takes nothing from others (its issue 4988).
constexpr std::string_view kPreview = "preview";
constexpr std::string_view kHub = "storage";

/// v1, v2beta3, v20240801: versions that the server can put in order. Of others it merely sorts the texts.
bool is_ordered(std::string_view version) {
  const auto skip_digits = [&] {
    const auto end = std::min(version.find_first_not_of("0123456789"), version.size());
    version.remove_prefix(end);
    return end > 0;
  };
  if (!version.starts_with('v')) return false;
  version.remove_prefix(1);
  if (!skip_digits()) return false;
  if (version.empty()) return true;
  for (const std::string_view stage : {"alpha", "beta"})
    if (version.starts_with(stage)) {
      version.remove_prefix(stage.size());
      return skip_digits() && version.empty();
    }
  return false;
}

}  // namespace

HttpRequest group_request(std::string_view group) { return {.target = "/apis/" + percent_encode(group)}; }

HttpRequest resources_request(std::string_view group, std::string_view version) {
  const std::string root = group.empty() ? "/api" : group_request(group).target;
  return {.target = root + "/" + percent_encode(version)};
}

std::vector<std::string> versions_to_try(const Json& api_group) {
  std::vector<std::string> ordered;
  std::vector<std::string> others;
  const Json* versions = at_path(api_group, {"versions"});
  for (const Json& each : versions && versions->is_array() ? *versions : Json::array()) {
    std::string version = string_at(each, {"version"});
    if (version.empty() || version.ends_with(kHub)) continue;
    (is_ordered(version) ? ordered : others).push_back(std::move(version));
  }
  std::ranges::sort(others, [](const std::string& a, const std::string& b) {
    const bool a_is_preview = a.ends_with(kPreview);
    return a_is_preview == b.ends_with(kPreview) ? a > b : !a_is_preview;
  });
  std::ranges::move(others, std::back_inserter(ordered));
  return ordered;
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
