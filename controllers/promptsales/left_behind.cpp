#include "controllers/promptsales/left_behind.hpp"

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/volume.hpp"

namespace promptsales::controllers {
namespace {

std::string kubectl(const k8s::ObjectKey& key) { return "kubectl -n " + key.namespace_ + " "; }

/// Nothing but the data of an embedded database needs it: managed ones have their login in the same Secret.
bool opens_nothing_else(const Inputs& inputs, const std::string& secret) {
  return !bindings::has_login_of_ours(inputs, Component::kDatabase) ||
         bindings::login_secret(inputs, Component::kDatabase) != secret;
}

}  // namespace

bool is_untold(const PromptSales& app, const k8s::Projection& object) {
  return object.owner_uid.empty() &&
         k8s::string_at(object.document(), {"metadata", "labels", kLeftBy}) != app.uid;
}

std::string how_to_discard(const Child& data, const std::string& resource, const k8s::ObjectKey& key) {
  const std::string what = resource + " " + key.name;
  const Json mark = data.when_deleted(/*stays=*/false);
  return (mark.empty() ? "" : kubectl(key) + "patch " + what + " --type=merge -p '" + mark.dump() + "' && ") +
         kubectl(key) + "delete " + what;
}

std::string discard_volume(const k8s::ObjectKey& claim, const std::string& secret) {
  return kubectl(claim) + "delete persistentvolumeclaim/" + claim.name +
         (secret.empty() ? "" : " secret/" + secret);
}

std::optional<std::string> how_to_discard_volume(const Inputs& inputs, const k8s::ObjectKey& claim) {
  const auto& effective = inputs.effective;
  if (claim.name == claim_name(inputs.app, Component::kMessaging))
    return effective.messaging.type == MessagingType::kEmbedded ? std::nullopt
                                                                : std::optional{discard_volume(claim, "")};
  if (claim.name != claim_name(inputs.app, Component::kDatabase)) return std::nullopt;
  if (effective.database.type == DatabaseType::kEmbedded) return std::nullopt;
  const std::string secret = child_name(inputs.app, Component::kDatabase);
  return discard_volume(claim, opens_nothing_else(inputs, secret) ? secret : "");
}

}  // namespace promptsales::controllers
