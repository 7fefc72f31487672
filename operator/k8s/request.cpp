#include "operator/k8s/request.hpp"

#include "base/strings.hpp"
#include "operator/k8s/json_text.hpp"

namespace promptsales::k8s {
namespace {

std::string path_of(const Kind& kind, const ObjectKey& key) {
  return kind.path(key.namespace_) + "/" + percent_encode(key.name);
}

/// Adds "?name=value" or "&name=value"; nothing for an empty value.
void add_query(std::string& target, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target.append(name).append("=").append(percent_encode(value));
}

std::string selected(const Kind& kind, const Selection& selection) {
  std::string target = kind.path(selection.ns);
  add_query(target, "labelSelector", selection.label_selector);
  add_query(target, "fieldSelector", selection.field_selector);
  return target;
}

/// Without the plain form beside it: a server that cannot leave the content out must refuse, not send it.
std::string metadata_as(std::string_view shape) {
  return "application/json;as=" + std::string{shape} + ";g=meta.k8s.io;v=v1";
}

}  // namespace

HttpRequest get_request(const Kind& kind, const ObjectKey& key) { return {.target = path_of(kind, key)}; }

HttpRequest list_request(const Kind& kind, const Selection& selection, const ListOptions& options) {
  HttpRequest request{.target = selected(kind, selection)};
  if (selection.metadata_only) request.accept = metadata_as("PartialObjectMetadataList");
  add_query(request.target, "limit", std::to_string(options.limit));
  add_query(request.target, "continue", options.continue_token);  // never together with resourceVersion
  return request;
}

HttpRequest watch_request(const Kind& kind, const Selection& selection, const WatchOptions& options) {
  HttpRequest request{.target = selected(kind, selection)};
  if (selection.metadata_only) request.accept = metadata_as("PartialObjectMetadata");
  add_query(request.target, "watch", "true");
  add_query(request.target, "allowWatchBookmarks", "true");
  add_query(request.target, "timeoutSeconds", std::to_string(options.timeout.count()));
  add_query(request.target, "resourceVersion", options.resource_version);
  if (options.send_initial_events) {
    add_query(request.target, "sendInitialEvents", "true");
    add_query(request.target, "resourceVersionMatch", "NotOlderThan");
  }
  return request;
}

HttpRequest create_request(const Kind& kind, const Object& object, std::string_view manager) {
  HttpRequest request{.method = "POST",
                      .target = kind.path(key_of(object).namespace_),
                      .body = json_text(object),
                      .content_type = "application/json"};
  add_query(request.target, "fieldManager", manager);
  return request;
}

HttpRequest update_request(const Kind& kind, const Object& object) {
  return {.method = "PUT",
          .target = path_of(kind, key_of(object)),
          .body = json_text(object),
          .content_type = "application/json"};
}

HttpRequest apply_request(const Kind& kind, const Object& object, const ApplyOptions& options) {
  HttpRequest request{.method = "PATCH",
                      .target = path_of(kind, key_of(object)),
                      .body = json_text(object),  // JSON is YAML
                      .content_type = "application/apply-patch+yaml"};
  if (!options.subresource.empty()) request.target.append("/").append(options.subresource);
  add_query(request.target, "fieldManager", options.manager);
  if (options.force) add_query(request.target, "force", "true");
  return request;
}

HttpRequest merge_patch_request(const Kind& kind, const ObjectKey& key, const Json& patch,
                                std::string_view manager) {
  HttpRequest request{.method = "PATCH",
                      .target = path_of(kind, key),
                      .body = json_text(patch),
                      .content_type = "application/merge-patch+json"};
  add_query(request.target, "fieldManager", manager);
  return request;
}

HttpRequest delete_request(const Kind& kind, const ObjectKey& key, const Preconditions& preconditions) {
  Json must{{"uid", preconditions.uid}};
  if (!preconditions.resource_version.empty()) must["resourceVersion"] = preconditions.resource_version;
  return {.method = "DELETE",
          .target = path_of(kind, key),
          .body = Json{{"kind", "DeleteOptions"},
                       {"apiVersion", "v1"},
                       {"propagationPolicy", "Background"},
                       {"preconditions", must}}
                      .dump(),
          .content_type = "application/json"};
}

}  // namespace promptsales::k8s
