#include "controllers/promptsales/volume.hpp"

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/quantity.hpp"
#include "operator/k8s/response.hpp"

namespace promptsales::controllers {
namespace {

using k8s::string_at;

bool is_less(const std::string& one, const std::string& other) {
  const auto left = k8s::Quantity::parse(one);
  const auto right = k8s::Quantity::parse(other);
  return left && right && *left < *right;
}

/// What the spec names, if it does.
std::optional<std::string> size_named(const Spec& spec, Component component) {
  if (component == Component::kMessaging) return spec.messaging ? spec.messaging->storage : std::nullopt;
  return spec.database ? spec.database->storage : std::nullopt;
}

std::string field_of(Component component) { return "spec." + std::string{text_of(component)} + ".storage"; }

/// "the database serves": a volume that is too small is no outage.
std::string serves(Component component) {
  return component == Component::kMessaging ? "messaging serves" : "the database serves";
}

Readiness growing(const PromptSales& app, Component component, const std::string& has, const Object& claim,
                  const std::string& wanted) {
  return {Readiness::State::kProgressing, "VolumeGrowing",
          serves(component) + ", and its volume grows from " + has + " to " + wanted +
              (k8s::has_condition(claim, "FileSystemResizePending")
                   ? "; its file system grows when the pod starts anew: kubectl -n " + app.key.namespace_ +
                         " delete pod " + child_name(app, component) + "-0"
                   : "; if it stays so, kubectl describe pvc " + claim_name(app, component) + " says why")};
}

}  // namespace

std::string claim_name(const PromptSales& app, Component component) {
  return "data-" + child_name(app, component) + "-0";
}

std::optional<std::string> size_made_with(const Object& stateful_set) {
  const Json* claims = k8s::at_path(stateful_set, {"spec", "volumeClaimTemplates"});
  if (!claims || !claims->is_array() || claims->empty()) return std::nullopt;
  return size_asked_for(claims->front());
}

std::optional<std::string> size_asked_for(const Object& claim) {
  const std::string size = string_at(claim, {"spec", "resources", "requests", "storage"});
  return size.empty() ? std::nullopt : std::optional{size};
}

std::optional<std::string> room_of(const Object& claim) {
  const std::string room = string_at(claim, {"status", "capacity", "storage"});
  return room.empty() ? std::nullopt : std::optional{room};
}

std::optional<std::string> growth_of(const Object& claim, const std::string& wanted) {
  const auto asked = size_asked_for(claim);
  if (!asked || !is_less(*asked, wanted) || string_at(claim, {"status", "phase"}) != "Bound" ||
      k8s::at_path(claim, {"metadata", "deletionTimestamp"}))
    return std::nullopt;
  return k8s::canonical_quantity(wanted);
}

Error refused_growth(const PromptSales& app, Component component, const Object& claim,
                     const std::string& wanted, const Error& error) {
  if (error.reason != k8s::kForbidden || !error.message.contains("resize")) return error;
  const std::string has = size_asked_for(claim).value_or("its size");
  const bool named = size_named(app.spec, component).has_value();
  const std::string storage_class = string_at(claim, {"spec", "storageClassName"}, "of the volume");
  return failure(Remedy::kRetryWithBackoff, "VolumeNotExpandable",
                 serves(component) + ", but its volume has " + has + " of the " + wanted + " that " +
                     (named ? "the spec" : "the tier") + " asks for, and storage class " + storage_class +
                     " does not let volumes grow; " +
                     (named ? "take " + field_of(component) + " out"
                            : "set " + field_of(component) + " to " + has) +
                     " to keep what it has, or set allowVolumeExpansion of the class to true if its provider "
                     "can do it")
      .error();
}

Readiness volume_readiness(const Inputs& inputs, const Observed& observed, Component component) {
  const Object* claim = observed.find(k8s::kinds::kPersistentVolumeClaim, claim_name(inputs.app, component));
  if (!claim) return {};
  const std::string capacity = room_of(*claim).value_or("");
  const std::string asked = size_asked_for(*claim).value_or(capacity);
  const auto& effective = inputs.effective;
  const std::string& wanted =
      component == Component::kMessaging ? effective.messaging.storage : effective.database.storage;
  const auto named = size_named(inputs.app.spec, component);
  if (named && is_less(*named, asked))
    return {Readiness::State::kFailed, "VolumeCannotShrink",
            serves(component) + "; " + field_of(component) + " is " + *named + ", its volume has " + asked +
                ", and volumes only grow: set it to at least " + asked +
                ", or take it out to keep what there is"};
  const auto refused = observed.volumes_refused.find(component);
  if (is_less(asked, wanted) && refused != observed.volumes_refused.end())
    return {Readiness::State::kFailed, refused->second.reason, refused->second.message};
  if (!capacity.empty() && is_less(capacity, wanted))
    return growing(inputs.app, component, capacity, *claim, wanted);
  return {};
}

}  // namespace promptsales::controllers
