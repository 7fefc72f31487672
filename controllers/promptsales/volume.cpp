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

Readiness growing(const PromptSales& app, const std::string& has, const Object& claim,
                  const std::string& wanted) {
  return {Readiness::State::kProgressing, "VolumeGrowing",
          "the database serves, and its volume grows from " + has + " to " + wanted +
              (k8s::has_condition(claim, "FileSystemResizePending")
                   ? "; its file system grows when the pod starts anew: kubectl -n " + app.key.namespace_ +
                         " delete pod " + child_name(app, Component::kDatabase) + "-0"
                   : "; if it stays so, kubectl describe pvc " + claim_name(app) + " says why")};
}

}  // namespace

std::string claim_name(const PromptSales& app) {
  return "data-" + child_name(app, Component::kDatabase) + "-0";
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

std::optional<std::string> growth_of(const Object& claim, const std::string& wanted) {
  const auto asked = size_asked_for(claim);
  if (!asked || !is_less(*asked, wanted) || string_at(claim, {"status", "phase"}) != "Bound" ||
      k8s::at_path(claim, {"metadata", "deletionTimestamp"}))
    return std::nullopt;
  return k8s::canonical_quantity(wanted);
}

Error refused_growth(const PromptSales& app, const Object& claim, const std::string& wanted,
                     const Error& error) {
  if (error.reason != k8s::kForbidden || !error.message.contains("resize")) return error;
  const std::string has = size_asked_for(claim).value_or("its size");
  const bool named = app.spec.database && app.spec.database->storage;
  const std::string storage_class = string_at(claim, {"spec", "storageClassName"}, "of the volume");
  return failure(Remedy::kRetryWithBackoff, "VolumeNotExpandable",
                 "the database serves, but its volume has " + has + " of the " + wanted + " that " +
                     (named ? "the spec" : "the tier") + " asks for, and storage class " + storage_class +
                     " does not let volumes grow; " +
                     (named ? "take spec.database.storage out" : "set spec.database.storage to " + has) +
                     " to keep what it has, or set allowVolumeExpansion of the class to true if its provider "
                     "can do it")
      .error();
}

Readiness volume_readiness(const Inputs& inputs, const Observed& observed) {
  const Object* claim = observed.find(k8s::kinds::kPersistentVolumeClaim, claim_name(inputs.app));
  if (!claim) return {};
  const std::string capacity = string_at(*claim, {"status", "capacity", "storage"});
  const std::string asked = size_asked_for(*claim).value_or(capacity);
  const std::string& wanted = inputs.effective.database.storage;
  const auto& named = inputs.app.spec.database;
  if (named && named->storage && is_less(*named->storage, asked))
    return {Readiness::State::kFailed, "VolumeCannotShrink",
            "the database serves; spec.database.storage is " + *named->storage + ", its volume has " + asked +
                ", and volumes only grow: set it to at least " + asked +
                ", or take it out to keep what there is"};
  if (is_less(asked, wanted) && observed.volume_refused)
    return {Readiness::State::kFailed, observed.volume_refused->reason, observed.volume_refused->message};
  if (!capacity.empty() && is_less(capacity, wanted)) return growing(inputs.app, capacity, *claim, wanted);
  return {};
}

}  // namespace promptsales::controllers
