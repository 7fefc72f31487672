#include "controllers/promptsales/retention.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/ownership.hpp"
#include "controllers/promptsales/volume.hpp"

namespace promptsales::controllers {
namespace {

using k8s::kinds::kPersistentVolumeClaim;
using k8s::kinds::kSecret;

constexpr std::array kWithData{Component::kDatabase, Component::kMessaging};

struct Holder {
  const k8s::Kind& kind;
  k8s::ProjectionPtr object;
};

std::string name_of(const Holder& holder) {
  return std::string{holder.kind.kind} + " " + holder.object->key.name;
}

/// What holds the data of a component, as far as it is there.
std::vector<Holder> holders(const Pass& pass, const Caches& caches, Component component) {
  const std::string& ns = pass.app.key.namespace_;
  std::vector<Holder> found;
  const auto add = [&](const k8s::Kind& kind, const std::string& name) {
    if (auto object = caches.of(kind).find({ns, name})) found.push_back({kind, std::move(object)});
  };
  add(kPersistentVolumeClaim, claim_name(pass.app, component));
  if (component == Component::kDatabase) add(kSecret, child_name(pass.app, component));
  return found;
}

/// Gives or takes the reference where that is still to be done, and tells of it. One that cannot be changed is no reason
/// to leave the others as they are.
Result<void> settle(const Pass& pass, const RetentionParts& parts, Component component, bool goes) {
  Result<void> first;
  std::vector<std::string> changed;
  for (const Holder& holder : holders(pass, parts.caches, component)) {
    if (holder.object->deleting || goes_with(*holder.object, pass.app.uid) == goes) continue;
    if (auto done = parts.writer.entail(holder.kind, *holder.object, pass.app, goes)) {
      changed.push_back(name_of(holder));
    } else if (first) {
      first = std::move(done);
    }
  }
  if (changed.empty()) return first;
  const std::string field = "spec." + std::string{text_of(component)} + ".deletionPolicy";
  const std::string what =
      join(changed, " and ") + ", with what " + (changed.size() > 1 ? "they hold" : "it holds");
  const std::string message =
      goes ? what + ", will be deleted with this resource: " + field + " is Delete; Retain keeps it"
           : what + ", will stay when this resource is deleted";
  const std::string reason = goes ? "DataGoesWithResource" : "DataRetained";
  parts.events.record({k8s::kinds::kPromptSales, pass.app.key, pass.app.uid},
                      {.warning = goes, .reason = reason, .action = "Retain", .message = message});
  return first;
}

/// The same for the components whose data goes, or for those whose data stays.
Result<void> settle_all(const Pass& pass, const RetentionParts& parts, bool goes) {
  Result<void> first;
  for (const Component component : kWithData)
    if (data_goes(pass.inputs.effective, component) == goes)
      if (auto done = settle(pass, parts, component, goes); !done && first) first = std::move(done);
  return first;
}

}  // namespace

bool data_goes(const Effective& effective, Component component) {
  using enum DeletionPolicy;
  if (component == Component::kDatabase)
    return effective.database.type == DatabaseType::kEmbedded &&
           effective.database.deletion_policy == kDelete;
  return effective.messaging.type == MessagingType::kEmbedded &&
         effective.messaging.deletion_policy == kDelete;
}

bool goes_with(const k8s::Projection& object, const std::string& app_uid) {
  const Json document = object.document();
  const Json* owners = k8s::at_path(document, {"metadata", "ownerReferences"});
  return owners && std::ranges::any_of(
                       *owners, [&](const Json& owner) { return k8s::string_at(owner, {"uid"}) == app_uid; });
}

Result<void> let_data_stay(const Pass& pass, const RetentionParts& parts) {
  if (pass.undecodable) return {};
  if (auto done = settle_all(pass, parts, /*goes=*/false); !done || !pass.app.deleting) return done;
  // What is not known yet is dealt with when it is, by a later pass; of a resource that goes there may be none.
  for (const auto* kind : {&kPersistentVolumeClaim, &kSecret})
    if (auto known = parts.caches.complete(*kind); !known) return known;
  return {};
}

Result<void> let_data_go(const Pass& pass, const RetentionParts& parts) {
  return settle_all(pass, parts, /*goes=*/true);
}

Result<void> nothing_of_a_predecessor(const Pass& pass, const Caches& caches, Component component) {
  for (const Holder& holder : holders(pass, caches, component))
    if (is_of_a_predecessor(holder.object->document(), pass.app))
      return failure(Remedy::kWaitForChange, "Deleting",
                     name_of(holder) +
                         " of a former PromptSales of this name is being deleted with its data, as its "
                         "deletionPolicy asked; if it stays, kubectl describe shows what holds it");
  return {};
}

}  // namespace promptsales::controllers
