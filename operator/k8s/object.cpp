#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

std::string ObjectKey::str() const { return namespace_.empty() ? name : namespace_ + "/" + name; }

const Json* at_path(const Json& object, std::initializer_list<std::string_view> path) {
  const Json* at = &object;
  for (std::string_view part : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(part);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string string_at(const Json& object, std::initializer_list<std::string_view> path,
                      std::string_view fallback) {
  const Json* at = at_path(object, path);
  return at && at->is_string() ? at->get<std::string>() : std::string{fallback};
}

std::int64_t integer_at(const Json& object, std::initializer_list<std::string_view> path,
                        std::int64_t fallback) {
  const Json* at = at_path(object, path);
  return at && at->is_number_integer() ? at->get<std::int64_t>() : fallback;
}

bool bool_at(const Json& object, std::initializer_list<std::string_view> path, bool fallback) {
  const Json* at = at_path(object, path);
  return at && at->is_boolean() ? at->get<bool>() : fallback;
}

ObjectKey key_of(const Object& object) {
  return {string_at(object, {"metadata", "namespace"}), string_at(object, {"metadata", "name"})};
}

std::string describe(const Object& object) {
  return string_at(object, {"kind"}, "object") + " " + key_of(object).str();
}

}  // namespace promptsales::k8s
