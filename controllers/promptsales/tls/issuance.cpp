#include "controllers/promptsales/tls/issuance.hpp"

#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers::tls {
namespace {

using State = Readiness::State;
using k8s::string_at;

const Json* condition(const Object* object, std::string_view type) {
  return object ? k8s::condition_of(*object, type) : nullptr;
}

std::string words_of(const Json* condition, std::string_view otherwise) {
  return condition ? string_at(*condition, {"message"}, otherwise) : std::string{otherwise};
}

/// Whether what was asked for is what is wanted: an edit is written after this was looked at.
bool asks_for(const Object& certificate, const Order& order) {
  const Json* spec = k8s::at_path(certificate, {"spec"});
  return !spec || (spec->value("dnsNames", Json{}) == Json(order.dns_names) &&
                   string_at(*spec, {"issuerRef", "name"}) == order.issuer &&
                   string_at(*spec, {"issuerRef", "kind"}) == order.issuer_kind &&
                   string_at(*spec, {"issuerRef", "group"}) == order.issuer_group);
}

bool is_issued(const Object* certificate, const Order& order) {
  if (certificate && !asks_for(*certificate, order)) return false;
  const Json* ready = condition(certificate, "Ready");
  if (!ready || string_at(*ready, {"status"}) != "True") return false;
  const auto generation = k8s::integer_at(*certificate, {"metadata", "generation"});
  return k8s::integer_at(*ready, {"observedGeneration"}, generation) >= generation;
}

}  // namespace

std::optional<Readiness> issuance_problem(const Order& order, const Object* certificate, const Object* issuer,
                                          bool issuer_known) {
  if (is_issued(certificate, order)) return std::nullopt;
  const std::string name = order.issuer_kind + " " + order.issuer;
  if (issuer_known && !issuer)
    return Readiness{State::kFailed, "IssuerNotReady",
                     name + " does not exist: create it, or name another in spec.tls.issuerRef"};
  const Json* able = condition(issuer, "Ready");
  if (issuer_known && (!able || string_at(*able, {"status"}) != "True"))
    return Readiness{State::kFailed, "IssuerNotReady",
                     name + " cannot sign: " + words_of(able, "cert-manager has not looked at it yet") +
                         "; kubectl describe it for more"};
  const Json* issuing = condition(certificate, "Issuing");
  if (issuing && string_at(*issuing, {"status"}) == "False" && string_at(*issuing, {"reason"}) == "Failed")
    return Readiness{State::kFailed, "CertificateRefused",
                     "cert-manager got no certificate from " + name + ": " +
                         words_of(issuing, "it does not say why") + "; it tries again by itself"};
  return Readiness{State::kProgressing, "CertificateIssuing",
                   "cert-manager orders a certificate from " + name + ": " +
                       words_of(condition(certificate, "Ready"), "it has not begun yet")};
}

}  // namespace promptsales::controllers::tls
