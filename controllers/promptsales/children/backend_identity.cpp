#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// An identity of its own, for policies to name; its token is not mounted, as the backend never asks the API
// server.
std::optional<Object> desired(const Inputs& inputs) {
  return Object{
      {"apiVersion", "v1"},
      {"kind", "ServiceAccount"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"automountServiceAccountToken", false}};
}

}  // namespace

const Child children::backend_identity{.id = "backend_identity",
                                       .kind = k8s::kinds::kServiceAccount,
                                       .component = Component::kBackend,
                                       .desired = desired,
                                       .ready = ready_when_present};

}  // namespace promptsales::controllers
