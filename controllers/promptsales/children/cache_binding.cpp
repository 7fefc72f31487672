#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// The only thing that pods mount, whoever provides the cache: a Secret in the form of the Service Binding
// specification. Tools that restart pods when a Secret changes must leave it alone: the operator does that itself.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kCache) + "-binding";
  Json metadata = metadata_of(inputs.app, Component::kCache, name);
  metadata["annotations"]["reloader.stakater.com/ignore"] = "true";
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "servicebinding.io/redis"},
                {"data", bindings::secret_data(bindings::embedded_cache(inputs))}};
}

}  // namespace

const Child children::cache_binding{.id = "cache_binding",
                                  .kind = k8s::kinds::kSecret,
                                  .component = Component::kCache,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
