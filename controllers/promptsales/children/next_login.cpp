#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_job.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rotation.hpp"

namespace promptsales::controllers {
namespace {

// Made before the server learns it: whatever ends the operator then, the next one goes on with the same.
template <Component component>
std::optional<Object> desired(const Inputs& inputs) {
  const auto rotation = inputs.rotations.find(component);
  if (rotation == inputs.rotations.end() || !rotation->second.next) return std::nullopt;
  const auto& [user, password] = *rotation->second.next;
  return Object{
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata", metadata_of(inputs.app, Component::kTask, next_login_name(inputs.app, component))},
      {"type", "kubernetes.io/basic-auth"},
      {"immutable", true},
      {"data", bindings::secret_data({{"username", user}, {"password", password}})}};
}

}  // namespace

const Child children::database_next_login =
    task_child("database_next_login", k8s::kinds::kSecret, desired<Component::kDatabase>);
const Child children::cache_next_login =
    task_child("cache_next_login", k8s::kinds::kSecret, desired<Component::kCache>);
const Child children::messaging_next_login =
    task_child("messaging_next_login", k8s::kinds::kSecret, desired<Component::kMessaging>);

}  // namespace promptsales::controllers
