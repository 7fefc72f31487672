#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// With an address of its own: clients keep theirs when the pod is replaced.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kCache);
  return Object{{"apiVersion", "v1"},
                {"kind", "Service"},
                {"metadata", metadata_of(inputs.app, Component::kCache, name)},
                {"spec",
                 {{"type", "ClusterIP"},
                  {"selector", selector_of(inputs.app, Component::kCache)},
                  {"ports", Json::array({{{"name", "redis"},
                                          {"port", bindings::kCachePort},
                                          {"protocol", "TCP"},
                                          {"targetPort", "redis"}}})}}}};
}

}  // namespace

const Child children::cache_service{.id = "cache_service",
                                  .kind = k8s::kinds::kService,
                                  .component = Component::kCache,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
