#pragma once

#include <string>
#include <string_view>

#include "operator/k8s/projection.hpp"

namespace promptsales::k8s {

/// The value of an annotation, or empty text; also when there is no object.
[[nodiscard]] std::string annotation(const Object& object, std::string_view name);
[[nodiscard]] std::string annotation(const ProjectionPtr& object, std::string_view name);

}  // namespace promptsales::k8s
