#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  return binding_secret(inputs, Component::kCache, "redis");
}

}  // namespace

const Child children::cache_binding{.id = "cache_binding",
                                    .kind = k8s::kinds::kSecret,
                                    .component = Component::kCache,
                                    .desired = desired,
                                    .ready = ready_when_present};

}  // namespace promptsales::controllers
