#include "controllers/promptsales/tls/names.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "controllers/promptsales/codec.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers::tls {
namespace {

void add(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const auto& name : more)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

std::vector<std::string> hostnames(const PromptSales& app) {
  return app.spec.exposure ? app.spec.exposure->hostnames : std::vector<std::string>{};
}

std::vector<std::string> further_names(const PromptSales& app) {
  return app.spec.tls ? app.spec.tls->dns_names : std::vector<std::string>{};
}

}  // namespace

std::vector<std::string> service_names(const PromptSales& app) {
  const std::string service = child_name(app, Component::kBackend);
  const std::string in_cluster = service + "." + app.key.namespace_;
  return {service, in_cluster, in_cluster + ".svc", in_cluster + ".svc.cluster.local"};
}

std::vector<std::string> own_names(const PromptSales& app) {
  auto names = service_names(app);
  add(names, hostnames(app));
  add(names, further_names(app));
  return names;
}

std::vector<std::string> ordered_names(const PromptSales& app) {
  if (further_names(app).empty()) return own_names(app);
  std::vector<std::string> names;
  add(names, further_names(app));
  add(names, hostnames(app));
  return names;
}

std::vector<std::string> ordered_identities(const PromptSales& app) {
  if (further_names(app).empty()) return {identity_of(app)};
  return {};
}

std::vector<std::string> required_names(const PromptSales& app) {
  if (auto names = hostnames(app); !names.empty()) return names;
  return {child_name(app, Component::kBackend) + "." + app.key.namespace_ + ".svc"};
}

std::string asked_for(const PromptSales& app) {
  const auto& tls = app.spec.tls;
  std::map<std::string, std::string> said;
  if (tls && tls->type == TlsType::kSecret && tls->secret_ref) {
    said["secret"] = tls->secret_ref->name;
  } else {
    auto names = hostnames(app);
    add(names, further_names(app));
    if (!names.empty()) said["names"] = join(names, ",");
    if (tls && tls->type == TlsType::kCertManager && tls->issuer_ref)
      said["issuer"] = encode(*tls->issuer_ref).dump();
  }
  return said.empty() ? "" : k8s::digest_of(said);
}

std::string identity_of(const PromptSales& app) {
  const auto& [ns, name] = app.key;
  return "spiffe://" + name + "." + ns + ".promptsales.io/ns/" + ns + "/sa/" +
         child_name(app, Component::kBackend);
}

}  // namespace promptsales::controllers::tls
