#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"

namespace promptsales::controllers {
namespace {

std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_cache(inputs)) return std::nullopt;
  return server_service(inputs.app, Component::kCache, "redis", bindings::kCachePort);
}

}  // namespace

const Child children::cache_service{.id = "cache_service",
                                    .kind = k8s::kinds::kService,
                                    .component = Component::kCache,
                                    .desired = desired,
                                    .ready = ready_when_present};

}  // namespace promptsales::controllers
