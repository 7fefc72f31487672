#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// Valkey reads users.acl itself: a password among its arguments would be in every process list. An embedded cache
// holds nothing that must outlive it, so its login goes with the PromptSales; one that a provider makes may stay, and
// knows no other password than this.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache) return std::nullopt;
  const auto& [user, password] = *inputs.cache;
  const std::string name = child_name(inputs.app, Component::kCache);
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", metadata_of(inputs.app, Component::kCache, name,
                                         runs_cache(inputs) ? Ownership::kOwned : Ownership::kRetained)},
                {"type", "Opaque"},
                {"data", bindings::secret_data(
                             {{"username", user},
                              {"password", password},
                              {"users.acl", "user " + user + " on >" + password + " ~* &* +@all\n"}})}};
}

}  // namespace

const Child children::cache_credentials{.id = "cache_credentials",
                                        .kind = k8s::kinds::kSecret,
                                        .component = Component::kCache,
                                        .retained = true,
                                        .desired = desired,
                                        .ready = ready_when_present};

}  // namespace promptsales::controllers
