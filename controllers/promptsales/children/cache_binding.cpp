#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache) return std::nullopt;
  return binding_secret(inputs.app, Component::kCache, "redis", bindings::embedded_cache(inputs));
}

}  // namespace

const Child children::cache_binding{.id = "cache_binding",
                                    .kind = k8s::kinds::kSecret,
                                    .component = Component::kCache,
                                    .desired = desired,
                                    .ready = ready_when_present};

}  // namespace promptsales::controllers
