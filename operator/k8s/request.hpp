#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/http_message.hpp"
#include "operator/k8s/kind.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// Which objects a list or watch covers.
struct Selection {
  std::string ns;              ///< empty: all namespaces
  std::string label_selector;  ///< empty: all
  std::string field_selector;  ///< empty: all; "metadata.name=x" watches one object
  /// Names, versions and labels only (PartialObjectMetadata): what an object holds is never sent.
  bool metadata_only = false;
};

struct ListOptions {
  int limit = 500;  ///< objects per page
  std::string continue_token;
};

struct WatchOptions {
  std::string resource_version;       ///< from where; empty with initial events: the newest state first
  bool send_initial_events = false;   ///< WatchList: the present objects first, then a bookmark (KEP-3157)
  std::chrono::seconds timeout{360};  ///< after which the server ends the watch
};

struct ApplyOptions {
  std::string_view manager;      ///< field manager
  std::string_view subresource;  ///< "status", or empty
  bool force = true;             ///< take fields over from other managers
};

/// What must still be true of an object for it to be deleted.
struct Preconditions {
  std::string uid;
  std::string resource_version;  ///< empty: any
};

/// Each builds the request as a value; nothing is sent. Paths and queries are percent-encoded.
[[nodiscard]] HttpRequest get_request(const Kind&, const ObjectKey&);
[[nodiscard]] HttpRequest list_request(const Kind&, const Selection&, const ListOptions&);
[[nodiscard]] HttpRequest watch_request(const Kind&, const Selection&, const WatchOptions&);
[[nodiscard]] HttpRequest create_request(const Kind&, const Object&, std::string_view manager);
/// Replaces the object; its metadata.resourceVersion makes the server refuse it when it changed meanwhile.
[[nodiscard]] HttpRequest update_request(const Kind&, const Object&);
[[nodiscard]] HttpRequest apply_request(const Kind&, const Object&, const ApplyOptions&);
[[nodiscard]] HttpRequest merge_patch_request(const Kind&, const ObjectKey&, const Json& patch,
                                              std::string_view manager);
/// Background propagation: dependents are collected by the server afterwards.
[[nodiscard]] HttpRequest delete_request(const Kind&, const ObjectKey&, const Preconditions&);

}  // namespace promptsales::k8s
