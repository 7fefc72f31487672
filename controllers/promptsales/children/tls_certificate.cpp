#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// The only thing about certificates that pods mount, wherever the certificate comes from.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.tls) return std::nullopt;
  Json metadata = metadata_of(inputs.app, Component::kTls, child_name(inputs.app, Component::kTls));
  // The backend reads a renewed certificate itself: tools that restart pods for it must leave it alone.
  metadata["annotations"]["reloader.stakater.com/ignore"] = "true";
  if (!inputs.tls->renewed.empty()) metadata["annotations"][tls::kRenewed] = inputs.tls->renewed;
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "kubernetes.io/tls"},
                {"data", bindings::secret_data(inputs.tls->leaf)}};
}

}  // namespace

const Child children::tls_certificate{.id = "tls_certificate",
                                      .kind = k8s::kinds::kSecret,
                                      .component = Component::kTls,
                                      .desired = desired,
                                      .ready = ready_when_present};

}  // namespace promptsales::controllers
