#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// The only place that holds keys of a CA, and no pod mounts it. It goes with the PromptSales: who trusts what
// it signed has nothing to reach any more.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.tls || inputs.tls->authorities.empty()) return std::nullopt;
  Json metadata = metadata_of(inputs.app, Component::kTls, inputs.app.key.name + "-ca");
  if (!inputs.tls->replaced.empty()) metadata["annotations"][tls::kReplaced] = inputs.tls->replaced;
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "Opaque"},
                {"data", bindings::secret_data(inputs.tls->authorities)}};
}

}  // namespace

const Child children::tls_authority{.id = "tls_authority",
                                    .kind = k8s::kinds::kSecret,
                                    .component = Component::kTls,
                                    .desired = desired,
                                    .ready = ready_when_present};

}  // namespace promptsales::controllers
