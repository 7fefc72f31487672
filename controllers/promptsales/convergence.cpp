#include "controllers/promptsales/convergence.hpp"

#include <algorithm>

#include "controllers/promptsales/bindings/inside.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/left_behind.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/status.hpp"

namespace promptsales::controllers {
namespace {

/// Jobs have the backend's service account.
bool runs_as_backend(const Child& child) {
  using enum Component;
  return child.component == kBackend || child.component == kMigration || child.component == kTask;
}

/// The component that must wait for a child that could not be brought, if there is one. A server that begins with
/// somebody else's password keeps it for ever, and pods must not mount what somebody else has put under the name of
/// their certificate.
std::optional<Component> held_up_by(const Child& child) {
  if (&child == &children::tls_certificate) return Component::kBackend;
  if (child.write == Child::Write::kCreateOnce) return child.component;
  return std::nullopt;
}

/// How long until a name is looked at again whose former object is going away: where that has no label of ours, no watch
/// shows when it has gone.
constexpr std::chrono::seconds kGoneAgain{10};
/// Of what has just been left it is told in the next pass, what has just got its labels back is brought in it, and what
/// we write ourselves wakes nobody.
constexpr std::chrono::seconds kTold{1};

/// What failed, in the order in which it is told of: children, what is left over, components without a connection.
std::vector<Error> failures_of(const Pass& pass) {
  std::vector<Error> failures;
  for (const Child* child : all_children())
    if (const auto failed = pass.failed.find(child); failed != pass.failed.end())
      failures.push_back(asked_again(failed->second));
  if (pass.left_over) failures.push_back(*pass.left_over);
  for (const auto& [component, binding] : pass.bindings)
    if (binding.problem) failures.push_back(*binding.problem);
  return failures;
}

/// Of several failures one that is tried again: beside what only waits it would not be. Each may ask for a time at which
/// to look again.
Result<void> outcome_of(Pass& pass) {
  std::optional<Error> first;
  for (Error& failure : failures_of(pass)) {
    if (failure.retry_after) pass.look_again_in(*failure.retry_after);
    if (!first || (only_waits(*first) && !only_waits(failure))) first = std::move(failure);
  }
  if (first) return Failure{*std::move(first)};
  return {};
}

}  // namespace

/// What is wanted is brought, and what is not wanted any more goes even if some of it could not be brought:
/// an autoscaler that is left over would fight with the replicas that were just applied.
Result<void> Convergence::run(Pass& pass) {
  bring_children(pass);
  if (pass.stop.stop_requested()) return stopping();
  if (auto pruned = prune(pass); !pruned) pass.left_over = pruned.error();
  return outcome_of(pass);
}

/// All children are tried: one that cannot be brought is no reason to leave the others as they are.
void Convergence::bring_children(Pass& pass) {
  std::set<Component> held_up;
  for (const Child* child : all_children()) {
    if (pass.stop.stop_requested()) return;
    auto desired = child->desired(pass.inputs);
    const bool held = desired && is_held(pass, *child);
    if (const auto kept = left_as_it_is(pass, *child, desired, held)) pass.desired.emplace_back(child, *kept);
    if (!desired || held) continue;
    pass.desired.emplace_back(child, k8s::key_of(*desired));
    if (held_up.contains(child->component) || bring(pass, *child, *std::move(desired))) continue;
    if (const auto component = held_up_by(*child)) held_up.insert(*component);
  }
}

bool Convergence::bring(Pass& pass, const Child& child, Object desired) {
  const bool is_deployment = child.kind == k8s::kinds::kDeployment;
  const auto alone = is_autoscaler(child.kind) ? retire_other_autoscalers(pass, child) : Result<void>{};
  const auto brought = alone ? children_.bring(child, pass.app, std::move(desired),
                                               is_deployment ? initial_replicas(pass.inputs) : std::nullopt)
                             : Failure{alone.error()};
  if (!brought) pass.failed.emplace(&child, brought.error());
  if (brought && *brought == ChildWriter::Outcome::kWaiting) {
    pass.waiting.insert(&child);
    pass.look_again_in(kGoneAgain);
  }
  if (brought && *brought == ChildWriter::Outcome::kTakenBack) pass.look_again_in(kTold);
  return brought.has_value();
}

/// Two autoscalers of one Deployment would fight, and KEDA refuses to be the second: the former one goes first. It goes
/// on while the wanted one cannot be made for want of its API.
Result<void> Convergence::retire_other_autoscalers(const Pass& pass, const Child& wanted) {
  if (!caches_.complete(wanted.kind)) return {};
  for (const Child* other : all_children()) {
    if (!is_autoscaler(other->kind) || other == &wanted) continue;
    for (const auto& object : caches_.of(other->kind).of_app(pass.app.key.namespace_, pass.app.key.name)) {
      if (object->deleting || object->owner_uid != pass.app.uid) continue;
      if (auto removed = children_.remove(other->kind, *object, "another autoscaler follows"); !removed)
        return removed;
    }
  }
  return {};
}

/// Whether it is wanted, but not yet: of a backend that has no certificate, or inside of what is not there.
bool Convergence::is_held(const Pass& pass, const Child& child) const {
  if (pass.backend_held && runs_as_backend(child)) return true;
  const auto place = bindings::inside_of(child, pass.inputs);
  return place && !caches_.of(*place->first).find({pass.app.key.namespace_, place->second});
}

/// A child that stays as it is, if there is one: one that is held, or of a backend that lacks a connection which it
/// had.
std::optional<k8s::ObjectKey> Convergence::left_as_it_is(const Pass& pass, const Child& child,
                                                         const std::optional<Object>& desired,
                                                         bool held) const {
  if (!desired && &child == &children::backend_deployment && pass.deployment)
    return k8s::key_of(*pass.deployment);
  if (!held) return std::nullopt;
  const auto key = k8s::key_of(*desired);
  return caches_.of(child.kind).find(key) ? std::optional{key} : std::nullopt;
}

/// Whether pods may use it, or will: a service that is replaced by another one goes when that is bound and no pod
/// uses the former any more.
bool Convergence::may_serve(const Pass& pass, const k8s::Kind& kind, const k8s::Projection& object) {
  const auto component = component_of(object.document());
  const auto binding = component ? pass.bindings.find(*component) : pass.bindings.end();
  if (binding != pass.bindings.end() && binding->second.problem) return true;
  return pass.uses_former && kind != k8s::kinds::kNetworkPolicy && kind != k8s::kinds::kJob &&
         component != Component::kBackend && component != Component::kTask;
}

/// Says once where data is that this resource does not use any more. Where the mark cannot be set it is said another
/// time: that is no reason to be not ready.
void Convergence::tell_of_left(const Pass& pass, const k8s::Kind& kind, const k8s::Projection& object,
                               const std::string& how_to_discard) {
  if (!is_untold(pass.app, object) || may_serve(pass, kind, object)) return;
  if (!children_.mark(kind, object, kLeftBy, pass.app.uid)) return;
  events_.record({k8s::kinds::kPromptSales, pass.app.key, pass.app.uid},
                 {.reason = "DataRetained",
                  .action = "Retain",
                  .message = std::string{kind.kind} + " " + object.key.name +
                             " is not part of this resource any more; it stays, with what it holds, until "
                             "somebody discards it: " +
                             how_to_discard});
}

void Convergence::tell_of_left_volumes(const Pass& pass) {
  const auto& kind = k8s::kinds::kPersistentVolumeClaim;
  for (const auto& claim : caches_.of(kind).of_app(pass.app.key.namespace_, pass.app.key.name))
    if (const auto command = how_to_discard_volume(pass.inputs, claim->key); command && !claim->deleting)
      tell_of_left(pass, kind, *claim, *command);
}

/// What this resource owns and no child wants any more: garbage is computed from what is there, so that
/// nothing needs to have been remembered. Retained objects have no owner and are never among it. Data goes with the
/// PromptSales where its spec says so, and never because the spec names another service.
Result<void> Convergence::prune(Pass& pass) {
  std::optional<Error> first;
  const auto sweep = [&](const k8s::Kind& kind) {
    for (const auto& object : caches_.of(kind).of_app(pass.app.key.namespace_, pass.app.key.name)) {
      const bool wanted = std::ranges::any_of(pass.desired, [&](const auto& each) {
        return each.first->kind == kind && each.second == object->key;
      });
      if (wanted || object->deleting) continue;
      const Child* data = holder_of_data(pass.app, kind, object->key.name);
      if (data)
        tell_of_left(pass, kind, *object,
                     how_to_discard(*data, caches_.as_served(kind).resource(), object->key));
      if (object->owner_uid != pass.app.uid) continue;
      if (data) {
        const auto left = children_.release(*data, *object);
        if (left) pass.look_again_in(kTold);
        if (!left && !first) first = left.error();
        continue;
      }
      if (may_serve(pass, kind, *object)) continue;
      if (auto removed = children_.remove(kind, *object, "no longer wanted"); !removed && !first)
        first = removed.error();
    }
  };
  const bool has_autoscaler =  // which has seen to the others
      std::ranges::any_of(pass.desired, [](const auto& each) { return is_autoscaler(each.first->kind); });
  const auto is_left = [&](const k8s::Kind& kind) { return !has_autoscaler || !is_autoscaler(kind); };
  for (const auto* kind : child_kinds())
    if (is_left(*kind)) sweep(*kind);
  for (const auto& optional : optional_kinds())
    if (is_left(optional.kind)) sweep(optional.kind);
  tell_of_left_volumes(pass);
  if (first) return Failure{*first};
  return {};
}

}  // namespace promptsales::controllers
