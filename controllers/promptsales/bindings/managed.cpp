#include "controllers/promptsales/bindings/managed.hpp"

#include <cctype>

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers::bindings {
namespace {

/// What every provider takes as the beginning of a name.
std::string legal_beginning(const std::string& text) {
  std::string legal = std::isalpha(static_cast<unsigned char>(text.front())) != 0 ? "" : "p-";
  for (const char c : text)
    if (c != '-' || legal.back() != '-') legal += c;
  return legal;
}

}  // namespace

Object managed_object(const Inputs& inputs, Component component, const k8s::Kind& kind,
                      const std::string& name, bool with_the_resource) {
  return {{"apiVersion", kind.api_version()},
          {"kind", kind.kind},
          {"metadata", metadata_of(inputs.app, component, name,
                                   with_the_resource ? Ownership::kOwned : Ownership::kRetained)}};
}

bool is_deleted_with(const Inputs& inputs, Component component) {
  const auto policy = component == Component::kCache ? inputs.effective.cache.deletion_policy
                                                     : inputs.effective.database.deletion_policy;
  return policy != DeletionPolicy::kRetain;
}

std::string short_cloud_name(const Inputs& inputs, Component component, std::size_t most) {
  const std::string& ns = inputs.app.key.namespace_;
  const std::string child = child_name(inputs.app, component);
  // Of both apart: "a-b" and "c" must not be "a" and "b-c".
  const std::string digest = k8s::sha256_hex(ns + "/" + child).substr(0, 8);
  std::string name = legal_beginning(ns + "-" + child).substr(0, most - digest.size() - 1);
  if (!name.ends_with('-')) name += '-';
  return name + digest;
}

std::string cloud_name(const Inputs& inputs, Component component) {
  return short_cloud_name(inputs, component, 58);  // leaves room for "-read"
}

bool is_observed(const Object& object) {
  const auto generation = k8s::integer_at(object, {"metadata", "generation"});
  return k8s::integer_at(object, {"status", "observedGeneration"}, generation) >= generation;
}

std::optional<bool> said_at(const Object& object, std::initializer_list<std::string_view> path,
                            const Json& with_standby) {
  const Json* said = k8s::at_path(object, path);
  return said ? std::optional{*said == with_standby} : std::nullopt;
}

Readiness provisioning(const std::string& what, const std::string& words) {
  return {Readiness::State::kProgressing, "Provisioning",
          what + " is being made" + (words.empty() ? "" : ": " + words)};
}

Readiness failing(const std::string& what, const std::string& words) {
  return {Readiness::State::kFailed, "ProviderFailing",
          what + ": " + (words.empty() ? "its provider fails and does not say why; see its log" : words)};
}

Readiness refused(const std::string& what, const std::string& words) {
  return {Readiness::State::kFailed, "ProviderTerminal",
          what + " is refused for good: " + (words.empty() ? "its provider does not say why" : words) +
              "; correct the spec",
          /*stalled=*/true};
}

Failure not_yet(const std::string& what) {
  return failure(Remedy::kWaitForChange, std::string{kProvisioning}, what + " is being made by its provider");
}

Failure no_address(const Readiness& readiness, const std::string& what) {
  if (readiness.stalled) return failure(Remedy::kWaitForSpecChange, readiness.reason, readiness.message);
  if (readiness.state == Readiness::State::kFailed)
    return failure(Remedy::kWaitForChange, readiness.reason, readiness.message);
  return not_yet(what);
}

}  // namespace promptsales::controllers::bindings
