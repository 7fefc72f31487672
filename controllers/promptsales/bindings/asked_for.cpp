#include "controllers/promptsales/bindings/asked_for.hpp"

#include "controllers/promptsales/codec.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers::bindings {

std::string asked_for(const Inputs& inputs, Component component) {
  if (!inputs.effective.follow_bindings) return "";
  Entries asked;
  const auto add = [&](const char* name, const auto& reference) {
    if (reference) asked[name] = encode(*reference).dump();
  };
  const auto& spec = inputs.app.spec;
  if (component == Component::kDatabase && spec.database) {
    add("secretRef", spec.database->secret_ref);
    add("serviceRef", spec.database->service_ref);
  } else if (component == Component::kCache && spec.cache) {
    add("secretRef", spec.cache->secret_ref);
    add("serviceRef", spec.cache->service_ref);
  }
  if (!asked.empty() && spec.tls) add("caBundleRef", spec.tls->ca_bundle_ref);
  return asked.empty() ? "" : k8s::digest_of(asked);
}

Entries for_pods(Entries entries) {
  entries.erase(kAskedFor);
  return entries;
}

}  // namespace promptsales::controllers::bindings
