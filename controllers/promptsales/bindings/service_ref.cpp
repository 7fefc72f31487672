// A provisioned service by the Service Binding specification 1.1: an object of any kind whose
// status.binding.name names the Secret, in the same namespace. Source:
// https://servicebinding.io/spec/core/1.1.0/#provisioned-service

#include "base/check.hpp"
#include "controllers/promptsales/bindings/secret.hpp"

namespace promptsales::controllers::bindings {
namespace {

/// Kubernetes' own kinds name no Secret in their status, and to watch all Secrets or pods of a cluster for somebody
/// who names one would take the memory of the operator. Their groups have no dot, or end in k8s.io.
bool is_of_kubernetes(const ServiceRef& ref) {
  const std::string group = ref.api_version.substr(0, ref.api_version.find('/'));
  return !ref.api_version.contains('/') || !group.contains('.') || group.ends_with(".k8s.io") ||
         group == k8s::kinds::kPromptSales.group;
}

Result<Entries> from_service(const std::optional<ServiceRef>& ref, const Inputs& inputs, Sources& sources,
                             Component component) {
  PS_CHECK(ref.has_value());
  const std::string what = ref->kind + " " + inputs.app.key.namespace_ + "/" + ref->name;
  if (is_of_kubernetes(*ref))
    return failure(
        Remedy::kWaitForSpecChange, "BindingInvalid",
        "kind " + ref->kind + " of " + ref->api_version +
            " is none of a provisioned service: name an object with status.binding.name, or use type "
            "Secret for a Secret");
  const auto kind = sources.kind_named(ref->api_version, ref->kind);
  if (!kind) return Failure{kind.error()};
  if (!(*kind)->namespaced)
    return failure(Remedy::kWaitForSpecChange, "BindingInvalid",
                   ref->kind + " of " + ref->api_version +
                       " belongs to no namespace, and a provisioned service must be in the resource's own");
  const auto object = sources.object(**kind, ref->name);
  if (!object) return Failure{object.error()};
  if (!*object)
    return failure(Remedy::kWaitForChange, "ServiceMissing",
                   "there is no " + what + ": create it, or correct serviceRef in the spec");
  const std::string name = k8s::string_at(**object, {"status", "binding", "name"});
  if (name.empty())
    return failure(
        Remedy::kWaitForChange, std::string{kProvisioning},
        what +
            " does not name its Secret yet (status.binding.name); if it stays, see what its operator "
            "says, or whether that kind is a servicebinding.io provisioned service at all");
  const auto secret = read_secret(sources, inputs, name);
  if (!secret) return Failure{in_context(what, secret.error())};
  return entries_in(*secret, component, "service", sources);
}

}  // namespace

const Provider providers::service_database{Component::kDatabase, "ServiceRef", "",
                                           [](const Inputs& inputs, Sources& sources) {
                                             return from_service(inputs.effective.database.asked->service_ref,
                                                                 inputs, sources, Component::kDatabase);
                                           }};
const Provider providers::service_cache{
    Component::kCache, "ServiceRef", "", [](const Inputs& inputs, Sources& sources) {
      return from_service(inputs.effective.cache.asked->service_ref, inputs, sources, Component::kCache);
    }};

}  // namespace promptsales::controllers::bindings
