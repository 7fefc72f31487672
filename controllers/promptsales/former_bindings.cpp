#include "controllers/promptsales/former_bindings.hpp"

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

constexpr std::string_view kPrefix = "promptsales.io/binding-hash-";

/// Another server has other data: pods go to it when its schema is there, and the former one stays until the last
/// of them has. New credentials of the same server are read by pods that follow their bindings: those of the
/// database and the cache (docs/backend.md), unless the spec has asked for them by another reference (asked_for.hpp).
std::string hash_of(const Inputs& inputs, Component component, const bindings::Entries& entries) {
  if (!inputs.effective.follow_bindings || component == Component::kMessaging) return k8s::digest_of(entries);
  bindings::Entries server;
  for (const char* name : {"provider", "host", "port", "database", "cluster.nodes"})
    server[name] = bindings::value_of(entries, name);
  if (const auto asked = entries.find(bindings::kAskedFor); asked != entries.end()) server.insert(*asked);
  return k8s::digest_of(server);
}

}  // namespace

Json binding_hashes(const Inputs& inputs) {
  Json hashes = Json::object();
  for (const auto& [component, entries] : inputs.bindings)
    hashes[std::string{kPrefix} + std::string{text_of(component)}] = hash_of(inputs, component, entries);
  return hashes;
}

bool mounts_binding(const Object& deployment, Component component) {
  const Json* annotations = k8s::at_path(deployment, {"spec", "template", "metadata", "annotations"});
  return annotations && annotations->contains(std::string{kPrefix} + std::string{text_of(component)});
}

bool uses_former_bindings(const Object& deployment, const Inputs& inputs) {
  Json started_with = Json::object();
  if (const Json* annotations = k8s::at_path(deployment, {"spec", "template", "metadata", "annotations"}))
    for (const auto& [name, value] : annotations->items())
      if (name.starts_with(kPrefix)) started_with[name] = value;
  return started_with != binding_hashes(inputs) || !deployment_readiness(deployment, inputs, {}).ready();
}

}  // namespace promptsales::controllers
