#include "operator/k8s/annotation.hpp"

namespace promptsales::k8s {

std::string annotation(const Object& object, std::string_view name) {
  return string_at(object, {"metadata", "annotations", name});
}

std::string annotation(const ProjectionPtr& object, std::string_view name) {
  return object ? annotation(object->document(), name) : "";
}

}  // namespace promptsales::k8s
