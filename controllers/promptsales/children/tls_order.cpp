#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// cert-manager writes a Secret of its own, which is copied once it is found good: what pods mount is never
// half written. When to renew is said outright, as its default differs between versions.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.tls_order) return std::nullopt;
  const auto& order = *inputs.tls_order;
  Json spec{
      {"secretName", inputs.app.key.name + "-certmanager-tls"},
      {"duration", "2160h"},
      {"renewBefore", "720h"},
      {"dnsNames", order.dns_names},
      {"usages", Json::array({"digital signature", "server auth", "client auth"})},
      {"privateKey", {{"algorithm", "ECDSA"}, {"size", 256}, {"rotationPolicy", "Always"}}},
      {"issuerRef", {{"name", order.issuer}, {"kind", order.issuer_kind}, {"group", order.issuer_group}}}};
  if (!order.uris.empty()) spec["uris"] = order.uris;
  return Object{
      {"apiVersion", k8s::kinds::kCertificate.api_version()},
      {"kind", k8s::kinds::kCertificate.kind},
      {"metadata", metadata_of(inputs.app, Component::kTls, child_name(inputs.app, Component::kTls))},
      {"spec", std::move(spec)}};
}

}  // namespace

// Whether it has come to anything is the certifier's to say, by the certificate itself.
const Child children::tls_order{.id = "tls_order",
                                .kind = k8s::kinds::kCertificate,
                                .component = Component::kTls,
                                .desired = desired,
                                .ready = ready_when_present};

}  // namespace promptsales::controllers
