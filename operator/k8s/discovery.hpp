#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.hpp"
#include "operator/k8s/kind.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// A Kind whose names were learnt from the server, and which owns them.
struct ServedKind {
  std::string group;
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = true;

  /// Valid as long as this object stays where it is.
  [[nodiscard]] Kind view() const { return {group, version, kind, plural, namespaced}; }
};

/// What an API server serves, asked as it is documented: no list of all that there is.
[[nodiscard]] HttpRequest group_request(std::string_view group);
[[nodiscard]] HttpRequest resources_request(std::string_view group, std::string_view version);

/// The versions of an APIGroup in the order in which a kind is looked for, as not every version has every kind: those
/// that the server can put in order, as it does; then the others, newest first and previews last.
[[nodiscard]] std::vector<std::string> versions_to_try(const Json& api_group);

/// The entry of this kind in an APIResourceList; subresources are passed over. Nothing if it has none.
[[nodiscard]] std::optional<ServedKind> kind_in(const Json& resource_list, std::string_view group,
                                                std::string_view version, std::string_view kind);

}  // namespace promptsales::k8s
