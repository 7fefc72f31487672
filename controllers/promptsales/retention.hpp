#pragma once

#include "controllers/caches.hpp"
#include "controllers/promptsales/child_writer.hpp"
#include "controllers/promptsales/pass.hpp"
#include "operator/runtime/event_recorder.hpp"

namespace promptsales::controllers {

/// What becomes of the data of embedded services when the resource is deleted
/// (docs/adr/0010-data-goes-by-owner-reference.md). It stays, unless deletionPolicy is Delete: then what holds it,
/// the volume claims and the Secret of the database's login, has an owner reference by which the cluster collects it
/// with the resource. The reference makes nobody its controller, so that nothing else takes such an object for a
/// child.
///
/// Not      by whenDeleted of a StatefulSet: that is deleted for other reasons as well.

/// Whether the spec asks that data of this component, kDatabase or kMessaging, goes. Pure.
[[nodiscard]] bool data_goes(const Effective& effective, Component component);

struct RetentionParts {
  const Caches& caches;
  ChildWriter& writer;
  runtime::EventRecorder& events;
};

/// The first step of a pass, and of a resource that is being deleted: what is to stay has no such reference any more.
/// Done whatever else is wrong with the spec, and while it is suspended: nobody may lose data by another mistake.
///
/// Errors   why the server has not taken it.
[[nodiscard]] Result<void> let_data_stay(const Pass& pass, const RetentionParts& parts);

/// The step after the spec was found good: what is to go has the reference.
[[nodiscard]] Result<void> let_data_go(const Pass& pass, const RetentionParts& parts);

/// Nothing, or "Deleting": data of a former resource of this name is about to go, and must not be begun with again.
[[nodiscard]] Result<void> nothing_of_a_predecessor(const Pass& pass, const Caches& caches,
                                                    Component component);

/// Whether the cluster collects the object with the resource of this UID.
[[nodiscard]] bool goes_with(const k8s::Projection& object, const std::string& app_uid);

}  // namespace promptsales::controllers
