#include "controllers/promptsales/bindings/resolve.hpp"

#include <array>

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/annotation.hpp"

namespace promptsales::controllers::bindings {
namespace {

constexpr std::array kComponents{Component::kDatabase, Component::kCache, Component::kMessaging};

/// What pods mount at present; nothing if the Secret is not there or was made by others.
std::optional<Entries> existing(const Pass& pass, const Caches& caches, Component component) {
  const auto& app = pass.app;
  const auto secret =
      caches.of(k8s::kinds::kSecret).find({app.key.namespace_, child_name(app, component) + "-binding"});
  if (!secret || secret->owner_uid != app.uid) return std::nullopt;
  Entries entries = entries_in(secret->document());
  if (value_of(entries, "type").empty()) return std::nullopt;
  auto asked = k8s::annotation(secret, kAskedFor);
  if (pass.inputs.effective.follow_bindings && !asked.empty()) entries[kAskedFor] = std::move(asked);
  return entries;
}

/// Content that is in use without it, from before pods followed it, is what the spec asks for now. But for CAs that are
/// not there to be read: while the former ones are used in their place, it is what the former spec asked for.
void note_asked_for(Binding& binding, const Pass& pass, Component component) {
  const bool has_former_cas = pass.untrusted && !pass.inputs.trusted.empty();
  const std::string asked = !has_former_cas    ? asked_for(pass.inputs, component)
                            : binding.existing ? value_of(*binding.existing, kAskedFor)
                                               : "";
  if (!binding.candidate || asked.empty()) return;
  if (binding.candidate == binding.existing) (*binding.existing)[kAskedFor] = asked;
  (*binding.candidate)[kAskedFor] = asked;
}

/// Services of the user's own, and those whose server nothing else would check, are checked by the CAs that the spec
/// names. Not those of a cloud: it has its certificates from CAs that every machine trusts.
void check_by_given_cas(Binding& binding, const Provider& provider, const Pass& pass) {
  if (!binding.candidate || !lacks_ca(*binding.candidate)) return;
  const bool is_checked = value_of(*binding.candidate, "sslmode") != "require";
  if (!provider.name.empty() && is_checked) return;
  if (!pass.inputs.trusted.empty()) {
    (*binding.candidate)["ca.crt"] = pass.inputs.trusted;
  } else if (pass.untrusted) {
    binding.candidate.reset();
    binding.problem = pass.untrusted;
  }
}

}  // namespace

Result<std::optional<Entries>> PassSources::secret(const std::string& name) {
  pass_.references.insert({&k8s::kinds::kSecret, {pass_.app.key.namespace_, name}});
  const auto read = parts_.referenced.read(pass_.app.key, k8s::kinds::kSecret, name);
  if (!read) return Failure{read.error()};
  if (!*read) return std::nullopt;
  return entries_in((*read)->document());
}

Result<std::optional<Object>> PassSources::object(const k8s::Kind& kind, const std::string& name) {
  const runtime::References::Target target{&kind, {pass_.app.key.namespace_, name}};
  pass_.references.insert(target);
  parts_.references.add(pass_.app.key, target);
  if (auto complete = parts_.caches.complete(kind); !complete) return Failure{complete.error()};
  const auto found = parts_.caches.of(kind).find(target.second);
  if (!found) return std::nullopt;
  return found->document();
}

Result<const k8s::Kind*> PassSources::kind_named(const std::string& api_version, const std::string& kind) {
  return parts_.optional.named(api_version, kind,
                               {"kind", "metadata.name", "metadata.namespace", "status.binding"});
}

std::optional<Entries> PassSources::bound(Component component) {
  return existing(pass_, parts_.caches, component);
}

void PassSources::ignore(Component component, const std::string& what) { pass_.ignored[component] = what; }

void resolve_bindings(Pass& pass, const Caches& caches, Sources& sources) {
  for (const Component component : kComponents) {
    const Provider* provider = provider_of(pass.inputs, component);
    if (!provider) continue;
    Binding binding{.candidate = {}, .existing = existing(pass, caches, component), .problem = {}};
    if (auto entries = provider->resolve(pass.inputs, sources)) {
      binding.candidate = std::move(*entries);
    } else {
      binding.problem = std::move(entries.error());
    }
    check_by_given_cas(binding, *provider, pass);
    note_asked_for(binding, pass, component);
    pass.bindings.emplace(component, std::move(binding));
  }
}

void choose_bindings(Pass& pass) {
  for (const auto& [component, binding] : pass.bindings) {
    const auto& chosen = binding.candidate && !binding.problem ? binding.candidate : binding.existing;
    if (chosen) pass.inputs.bindings[component] = *chosen;
  }
}

}  // namespace promptsales::controllers::bindings
