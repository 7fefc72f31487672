#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rotation.hpp"

namespace promptsales::controllers {
namespace {

std::string line_of(const Credentials& login) {
  return "user " + login.username + " on >" + login.password + " ~* &* +@all\n";
}

/// One user, and during the replacement of the login two of them.
std::string users(const Credentials& login, const std::optional<Credentials>& other) {
  const auto is_default = [](const Credentials& each) { return each.username == bindings::kCacheUser; };
  std::string acl = line_of(login) + (other ? line_of(*other) : "");
  // The default user is open to everybody unless something is said of it.
  return is_default(login) || (other && is_default(*other)) ? acl : acl + "user default off\n";
}

// Valkey reads users.acl itself: a password among its arguments would be in every process list. An embedded cache
// holds nothing that must outlive it, so its login goes with the PromptSales; one that a provider makes may stay, and
// knows no other than this.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.cache) return std::nullopt;
  bindings::Entries entries = login_entries(inputs, Component::kCache, *inputs.cache, inputs.cache_other);
  entries["users.acl"] = users(*inputs.cache, inputs.cache_other);
  Json metadata = metadata_of(inputs.app, Component::kCache, child_name(inputs.app, Component::kCache),
                              runs_cache(inputs) ? Ownership::kOwned : Ownership::kRetained);
  if (!inputs.cache_rotated.empty()) metadata["annotations"][kRotated] = inputs.cache_rotated;
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "Opaque"},
                {"data", bindings::secret_data(entries)}};
}

}  // namespace

const Child children::cache_credentials{.id = "cache_credentials",
                                        .kind = k8s::kinds::kSecret,
                                        .component = Component::kCache,
                                        .retained = true,
                                        .desired = desired,
                                        .ready = ready_when_present};

}  // namespace promptsales::controllers
