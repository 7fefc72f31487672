#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// What clients trust. A ConfigMap, so that they can mount it without seeing a Secret; during a replacement of
// the CA it holds both.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.tls || inputs.tls->bundle.empty()) return std::nullopt;
  return Object{{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", metadata_of(inputs.app, Component::kTls, inputs.app.key.name + "-ca-bundle")},
                {"data", {{"ca.crt", inputs.tls->bundle}}}};
}

}  // namespace

const Child children::tls_bundle{.id = "tls_bundle",
                                 .kind = k8s::kinds::kConfigMap,
                                 .component = Component::kTls,
                                 .desired = desired,
                                 .ready = ready_when_present};

}  // namespace promptsales::controllers
