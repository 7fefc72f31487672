#include "controllers/promptsales/tls/trust_keeper.hpp"

#include "controllers/promptsales/bindings/entries.hpp"
#include "controllers/promptsales/tls/waiting.hpp"

namespace promptsales::controllers::tls {
namespace {

using k8s::kinds::kConfigMap;
using k8s::kinds::kSecret;

std::optional<std::string> entry_of(const Json& object, const k8s::Kind& kind, const std::string& key) {
  if (kind == kSecret) {
    const auto entries = bindings::entries_in(object);
    const auto found = entries.find(key);
    return found == entries.end() ? std::nullopt : std::optional{found->second};
  }
  const Json* text = k8s::at_path(object, {"data", key});
  return text && text->is_string() ? std::optional{text->get<std::string>()} : std::nullopt;
}

}  // namespace

Result<void> TrustKeeper::trust(Pass& pass) {
  const auto& tls = pass.app.spec.tls;
  if (!tls || !tls->ca_bundle_ref || tls->type == TlsType::kDisabled) return {};
  if (auto known = caches_.complete(kConfigMap); !known) return known;
  if (auto given = read(pass, *tls->ca_bundle_ref)) {
    pass.look_again_in(until(given->not_after, clock_.wall()));
    pass.inputs.trusted = std::move(given->pem);
  } else {
    pass.inputs.trusted = in_use(pass);
    pass.untrusted = in_context("spec.tls.caBundleRef", given.error());
    pass.untrusted->message += pass.inputs.trusted.empty() ? "; until then none of them is trusted"
                                                           : "; the former ones stay trusted";
    if (pass.untrusted->remedy != Remedy::kWaitForChange) pass.look_again_in(kAskedAgain);
  }
  return {};
}

Result<GivenBundle> TrustKeeper::read(Pass& pass, const BundleRef& ref) {
  const auto& kind = ref.kind == BundleKind::kSecret ? kSecret : kConfigMap;
  const std::string what = std::string{kind.kind} + " " + pass.app.key.namespace_ + "/" + ref.name;
  pass.references.insert({&kind, {pass.app.key.namespace_, ref.name}});
  const auto object = referenced_.read(pass.app.key, kind, ref.name);
  if (!object) return Failure{in_context(what, object.error())};
  if (!*object)
    return failure(Remedy::kWaitForChange, "CABundleMissing",
                   what + " does not exist: create it with the CAs as PEM in the key " + ref.key);
  const auto now = clock_.wall();
  const auto remembered = known_.with([&](auto& all) -> std::optional<GivenBundle> {
    const auto found = all.find(pass.app.uid);
    const bool holds = found != all.end() && found->second.key == ref.key &&
                       found->second.digest == (*object)->digest && now < found->second.bundle.not_after;
    return holds ? std::optional{found->second.bundle} : std::nullopt;
  });
  if (remembered) return *remembered;
  const auto text = entry_of((*object)->document(), kind, ref.key);
  if (!text)
    return failure(Remedy::kWaitForChange, "CABundleKeyMissing",
                   what + " has no key " + ref.key +
                       ": put the CAs as PEM into it, or correct spec.tls.caBundleRef.key");
  auto bundle = check_bundle(*text, now);
  if (!bundle) return Failure{in_context(what + ", key " + ref.key, bundle.error())};
  known_.with([&](auto& all) { all[pass.app.uid] = {ref.key, (*object)->digest, *bundle}; });
  return bundle;
}

/// The CAs of others that are trusted at present.
std::string TrustKeeper::in_use(const Pass& pass) const {
  const auto bundle =
      caches_.of(kConfigMap).find({pass.app.key.namespace_, pass.app.key.name + "-ca-bundle"});
  return bundle && bundle->owner_uid == pass.app.uid ? given_part(bundle->document()) : "";
}

void TrustKeeper::forget(const std::string& app_uid) {
  known_.with([&](auto& all) { all.erase(app_uid); });
}

}  // namespace promptsales::controllers::tls
