#include "controllers/promptsales/children.hpp"
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

template <Component component>
constexpr Child secret_of(std::string_view id) {
  return {.id = id,
          .kind = k8s::kinds::kSecret,
          .component = Component::kTask,
          .write = Child::Write::kCreateOnce,
          .desired = desired<component>,
          .ready = ready_when_present};
}

}  // namespace

const Child children::database_next_login = secret_of<Component::kDatabase>("database_next_login");
const Child children::cache_next_login = secret_of<Component::kCache>("cache_next_login");

}  // namespace promptsales::controllers
