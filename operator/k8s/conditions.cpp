#include "operator/k8s/conditions.hpp"

#include <algorithm>

namespace promptsales::k8s {

const Json* condition_in(const Json& status, std::string_view type) {
  const Json* conditions = at_path(status, {"conditions"});
  if (!conditions || !conditions->is_array()) return nullptr;
  const auto found =
      std::ranges::find_if(*conditions, [&](const Json& each) { return string_at(each, {"type"}) == type; });
  return found == conditions->end() ? nullptr : &*found;
}

const Json* condition_of(const Json& object, std::string_view type) {
  const Json* status = at_path(object, {"status"});
  return status ? condition_in(*status, type) : nullptr;
}

bool has_condition(const Json& object, std::string_view type) {
  const Json* condition = condition_of(object, type);
  return condition && string_at(*condition, {"status"}) == "True";
}

}  // namespace promptsales::k8s
