#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_job.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rotation.hpp"

namespace promptsales::controllers {
namespace {

template <Component component>
std::optional<Object> desired(const Inputs& inputs) {
  const auto rotation = inputs.rotations.find(component);
  if (rotation == inputs.rotations.end()) return std::nullopt;
  std::map<std::string, std::string> secrets{
      {std::string{text_of(component)}, child_name(inputs.app, component) + "-binding"}};
  if (rotation->second.next) secrets["next"] = next_login_name(inputs.app, component);
  return attempt_of(inputs, rotation_name(inputs, component), rotation->second.attempt,
                    rotation->second.next ? "rotate" : "retire", std::move(secrets), kRotationDeadline);
}

}  // namespace

const Child children::database_rotation =
    task_child("database_rotation", k8s::kinds::kJob, desired<Component::kDatabase>);
const Child children::cache_rotation =
    task_child("cache_rotation", k8s::kinds::kJob, desired<Component::kCache>);

}  // namespace promptsales::controllers
