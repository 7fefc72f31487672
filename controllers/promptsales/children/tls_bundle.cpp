#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/tls/given_bundle.hpp"

namespace promptsales::controllers {
namespace {

// What clients trust. A ConfigMap, so that they can mount it without seeing a Secret; during a replacement of
// the CA it holds both. It also keeps the CAs of others that were good last.
std::optional<Object> desired(const Inputs& inputs) {
  const std::string own = inputs.tls ? inputs.tls->bundle : "";
  if (own.empty() && inputs.trusted.empty()) return std::nullopt;
  return Object{{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", metadata_of(inputs.app, Component::kTls, inputs.app.key.name + "-ca-bundle")},
                {"data", tls::bundle_data(own, inputs.trusted)}};
}

}  // namespace

const Child children::tls_bundle{.id = "tls_bundle",
                                 .kind = k8s::kinds::kConfigMap,
                                 .component = Component::kTls,
                                 .desired = desired,
                                 .ready = ready_when_present};

}  // namespace promptsales::controllers
