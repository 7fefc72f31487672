#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "controllers/promptsales/servers.hpp"

namespace promptsales::controllers {
namespace {

// The only place beside the data directory itself that knows the password: it stays with the data when the
// PromptSales goes, and is written again only with a login that the server has taken
// (docs/adr/0004-credentials-outlive-the-resource.md).
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.database) return std::nullopt;
  const std::string name = bindings::login_secret(inputs, Component::kDatabase);
  Json metadata = metadata_of(inputs.app, Component::kDatabase, name, Ownership::kRetained);
  // CloudNativePG, which gives the role its password, looks at changes of such Secrets alone.
  if (named_cluster(inputs.effective.database)) metadata["labels"]["cnpg.io/reload"] = "true";
  // A new password is what was asked for.
  if (const auto asked = rotation_asked(inputs.app, Component::kDatabase); !asked.empty())
    metadata["annotations"][kRotated] = asked;
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "kubernetes.io/basic-auth"},
                {"data", bindings::secret_data({{"username", inputs.database->username},
                                                {"password", inputs.database->password}})}};
}

}  // namespace

const Child children::database_credentials{.id = "database_credentials",
                                           .kind = k8s::kinds::kSecret,
                                           .component = Component::kDatabase,
                                           .write = Child::Write::kCreateOnce,
                                           .retained = true,
                                           .desired = desired,
                                           .ready = ready_when_present};

}  // namespace promptsales::controllers
