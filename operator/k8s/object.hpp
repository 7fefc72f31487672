#pragma once

#include <compare>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace promptsales::k8s {

/// A JSON document. Objects that the program writes are built with it; objects that it only watches are kept
/// as Projections (projection.hpp), never as documents.
using Json = nlohmann::json;

/// A Kubernetes object as it is sent: apiVersion, kind, metadata, spec …
using Object = Json;

/// Namespace and name: what a work queue holds and a log line names.
struct ObjectKey {
  std::string namespace_;  ///< empty for cluster-scoped objects
  std::string name;

  auto operator<=>(const ObjectKey&) const = default;
  /// "namespace/name", or "name" alone.
  [[nodiscard]] std::string str() const;
};

/// The value at a path of object keys, or nullptr if any part of the path is absent or not an object.
/// `at_path(deployment, {"status", "readyReplicas"})`.
[[nodiscard]] const Json* at_path(const Json& object, std::initializer_list<std::string_view> path);

/// The string / integer / boolean at a path; the fallback if absent or of another type.
[[nodiscard]] std::string string_at(const Json& object, std::initializer_list<std::string_view> path,
                                    std::string_view fallback = "");
[[nodiscard]] std::int64_t integer_at(const Json& object, std::initializer_list<std::string_view> path,
                                      std::int64_t fallback = 0);
[[nodiscard]] bool bool_at(const Json& object, std::initializer_list<std::string_view> path,
                           bool fallback = false);

/// metadata.namespace and metadata.name.
[[nodiscard]] ObjectKey key_of(const Object& object);

/// "Deployment shop/demo-backend", as messages name an object.
[[nodiscard]] std::string describe(const Object& object);

}  // namespace promptsales::k8s

template <>
struct std::hash<promptsales::k8s::ObjectKey> {
  std::size_t operator()(const promptsales::k8s::ObjectKey& key) const noexcept {
    const std::hash<std::string> h;
    return h(key.namespace_) * 31 + h(key.name);
  }
};
