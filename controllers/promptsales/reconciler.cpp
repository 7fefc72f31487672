#include "controllers/promptsales/reconciler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/strings.hpp"
#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/bindings/resolve.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/footprint.hpp"
#include "controllers/promptsales/former_bindings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/migration.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/password.hpp"
#include "controllers/promptsales/plan.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "controllers/promptsales/status.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "controllers/promptsales/trial.hpp"
#include "controllers/promptsales/validate.hpp"
#include "controllers/promptsales/volume.hpp"
#include "controllers/run_steps.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/response.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

using k8s::kinds::kPersistentVolumeClaim;
using k8s::kinds::kPod;
using k8s::kinds::kPromptSales;
using k8s::kinds::kSecret;
using runtime::Next;

/// The login that a Secret of ours holds, or nothing.
std::optional<Credentials> login_in(const k8s::ProjectionPtr& secret) {
  if (!secret) return std::nullopt;
  const Json document = secret->document();
  const auto user = base64_decode(k8s::string_at(document, {"data", "username"}));
  const auto password = base64_decode(k8s::string_at(document, {"data", "password"}));
  if (!user || !password || user->empty() || password->empty()) return std::nullopt;
  return Credentials{*user, *password};
}

constexpr const char* kCredentialsMissing = "CredentialsMissing";
constexpr auto kAtOnce = std::chrono::milliseconds{1};
constexpr auto kNever = std::chrono::milliseconds::max();
/// How long until what the API server has refused is asked for again: what mends it is not watched.
constexpr auto kRefusedAgain = std::chrono::minutes{5};

Failure stopping() {
  return failure(Remedy::kRetryWithBackoff, "Stopping", "the operator is stopping; the next one goes on");
}

Readiness failed(const Error& error) {
  if (is_passing(error) || error.reason == bindings::kProvisioning || error.reason == kBindingTrial ||
      error.reason == kPasswordRotation)
    return {Readiness::State::kProgressing, error.reason, error.message};
  return {Readiness::State::kFailed, error.reason, error.message, error.remedy == Remedy::kWaitForSpecChange};
}

}  // namespace

Reconciler::Reconciler(Parts parts)
    : parts_(std::move(parts)),
      certifier_(parts_.caches, parts_.references, parts_.referenced, parts_.metrics, parts_.clock),
      children_(parts_.client, parts_.caches, parts_.metrics, parts_.may_write),
      status_(parts_.client, parts_.caches, parts_.clock, parts_.may_write) {}

Result<Next> Reconciler::reconcile(const k8s::ObjectKey& key, std::stop_token stop) {
  const auto cached = parts_.caches.of(kPromptSales).find(key);
  if (!cached) return Next::on_event();  // the cluster collects the children by owner reference

  Pass pass = begin(*cached);
  if (cached->deleting) return say_deleting(pass, *cached);
  pass.stop = stop;
  const auto outcome = run_steps<Pass>(pass, {
                                                 [this](Pass& p) { return check(p); },
                                                 [this](Pass& p) { return read_inputs(p); },
                                                 [this](Pass& p) { return make_plan(p); },
                                                 [this](Pass& p) { return rotate(p); },
                                                 [this](Pass& p) { return grow_volumes(p); },
                                                 [this](Pass& p) { return bind(p); },
                                                 [this](Pass& p) { return certify(p); },
                                                 [this](Pass& p) { return migrate(p); },
                                                 [this](Pass& p) { return keep_in_reach(p); },
                                                 [this](Pass& p) { return retire(p); },
                                                 [this](Pass& p) { return converge(p); },
                                             });
  if (!pass.stopped)  // else nothing was read, and what runs goes on referring to what it did
    parts_.referenced.forget(parts_.references.keep_only(key, pass.references));
  if (stop.stop_requested()) return stopping();  // half a pass would make a status that is not true
  // Nothing was looked at, for a reason that is gone in a moment: no news for anybody.
  if (pass.stopped && is_passing(outcome.error())) return Failure{outcome.error()};
  return write_status(pass, outcome);  // on every path: a failure is also news
}

/// Somebody else keeps a resource that is to be gone, and its namespace with it: ours has no finalizer.
Result<Next> Reconciler::say_deleting(Pass& pass, const k8s::Projection& cached) {
  pass.stopped = true;
  std::string holders;
  const Json document = cached.document();
  const Json* finalizers = k8s::at_path(document, {"metadata", "finalizers"});
  for (const Json& each : finalizers ? *finalizers : Json::array())
    if (each != "foregroundDeletion" && each != "orphan")  // the cluster takes its own off when it is done
      holders += (holders.empty() ? "" : ", ") + each.get<std::string>();
  const std::string kept_by = holders.empty() ? "it goes when the cluster has dealt with what it owns"
                                              : "what keeps it is the finalizer " + holders +
                                                    ": see to it that whoever set it takes it off";
  const Error deleting{Remedy::kWaitForChange, "Deleting",
                       "the resource is being deleted and nothing is made for it any more, also if it is "
                       "because of its namespace; " +
                           kept_by};
  const auto written = write_status(pass, Failure{deleting});
  if (written || written.error().reason == deleting.reason || written.error().reason == k8s::kNotFound)
    return Next::on_event();
  return written;
}

Pass Reconciler::begin(const k8s::Projection& cached) const {
  Pass pass;
  pass.settings = parts_.settings.now();
  if (auto app = from_object(cached.document())) {
    pass.app = std::move(*app);
    pass.inputs.effective = effective(pass.app, parts_.images.backend, pass.settings->tiers);
  } else {
    // Its status can still say what is wrong with it.
    pass.app.status = cached.document().value("status", Json{});
    pass.undecodable = app.error();
  }
  pass.app.key = cached.key;
  pass.app.uid = cached.uid;
  pass.app.generation = cached.generation;
  pass.app.resource_version = cached.resource_version;
  pass.inputs.app = pass.app;
  pass.inputs.images = parts_.images;
  return pass;
}

Result<void> Reconciler::check(Pass& pass) {
  pass.stopped = true;  // until the spec has been found good
  if (pass.undecodable) return Failure{*pass.undecodable};
  if (pass.inputs.effective.suspend) {
    return failure(Remedy::kWaitForSpecChange, std::string{kSuspended},
                   "spec.suspend is true: the operator changes nothing, and what runs goes on running");
  }
  auto checked = check_spec(pass.app, pass.inputs.effective);
  pass.stopped = !checked;
  return checked;
}

Result<void> Reconciler::read_inputs(Pass& pass) {
  const auto read = [&](Component component, bool embedded,
                        std::optional<Credentials>& into) -> Result<void> {
    if (!embedded) return {};
    auto found = credentials(pass, component);
    pass.stopped = !found;
    if (!found && found.error().reason == kCredentialsMissing) pass.without_login = component;
    if (!found) return Failure{found.error()};
    into = *found;
    return {};
  };
  const auto& effective = pass.inputs.effective;
  const auto made_with = [&](Component component) -> std::optional<std::string> {
    const auto server = parts_.caches.of(k8s::kinds::kStatefulSet)
                            .find({pass.app.key.namespace_, child_name(pass.app, component)});
    if (!server || server->owner_uid != pass.app.uid) return std::nullopt;
    return size_made_with(server->document());
  };
  pass.inputs.volume_made_with = made_with(Component::kDatabase);
  pass.inputs.messaging_volume_made_with = made_with(Component::kMessaging);
  if (auto done = read(Component::kDatabase, bindings::has_login_of_ours(pass.inputs, Component::kDatabase),
                       pass.inputs.database);
      !done)
    return done;
  if (auto done = read(Component::kMessaging, effective.messaging.type == MessagingType::kEmbedded,
                       pass.inputs.messaging);
      !done)
    return done;
  return read(Component::kCache, bindings::has_login_of_ours(pass.inputs, Component::kCache),
              pass.inputs.cache);
}

Result<void> Reconciler::rotate(Pass& pass) {
  auto replaced = replace_logins(pass, {parts_.caches, children_, parts_.clock});
  pass.stopped = !replaced;
  return replaced;
}

Result<void> Reconciler::retire(Pass& pass) {
  retire_logins(pass, {parts_.caches, children_, parts_.clock});
  return {};
}

/// Never ends the pass: what can be brought without a component is brought, and what runs goes on with the
/// connections that it has.
Result<void> Reconciler::bind(Pass& pass) {
  if (auto complete = parts_.caches.complete(kSecret); !complete) {
    pass.stopped = true;  // what exists is not known: nothing may be concluded
    return complete;
  }
  if (auto known = know_optional_children(pass); !known) return known;
  const bindings::PassSources::Parts parts{parts_.caches, parts_.references, parts_.referenced,
                                           parts_.optional};
  bindings::PassSources sources{parts, pass};
  bindings::resolve_bindings(pass, parts_.caches, sources);
  for (const auto& [component, binding] : pass.bindings) {
    if (!binding.problem || !is_starting(*binding.problem)) continue;
    pass.stopped = true;
    return Failure{*binding.problem};
  }
  if (auto tried = try_candidates(pass, parts_.caches, parts_.clock); !tried) {
    pass.stopped = true;
    return tried;
  }
  bindings::choose_bindings(pass);
  for (const auto& [component, binding] : pass.bindings)
    if (!pass.inputs.bindings.contains(component) && pass.deployment &&
        !mounts_binding(*pass.deployment, component))
      pass.inputs.done_without.insert(component);
  return {};
}

/// Whether there may be such a child, wanted or left over: the resource asks for its provider, or did when its status
/// was written. What an operator that has just started does not look for, it does not see.
bool Reconciler::may_have(const Pass& pass, const Child& child) {
  if (child.desired(pass.inputs)) return true;
  const auto type = type_that_needs(child.kind);
  const auto* provider = bindings::provider_of(pass.inputs, child.component);
  return (provider && provider->type == type) ||
         k8s::string_at(pass.app.status, {"effective", text_of(child.component), "type"}) == type;
}

/// Waits until the optional kinds of this resource's children have been looked at: a new operator process
/// must not take what it has not seen for what is not there.
Result<void> Reconciler::know_optional_children(Pass& pass) {
  for (const Child* child : all_children()) {
    if (!is_optional(child->kind) || !may_have(pass, *child)) continue;
    const auto complete = parts_.caches.complete(child->kind);
    if (complete || !is_starting(complete.error())) continue;
    pass.stopped = true;
    return complete;
  }
  return {};
}

/// Whether there is a claim of this name, asked of the server: one that was restored from a snapshot has no
/// label of ours and is in no cache.
Result<bool> Reconciler::exists(const k8s::ObjectKey& claim) const {
  if (parts_.caches.of(kPersistentVolumeClaim).find(claim)) return true;
  const auto found = parts_.client.get(kPersistentVolumeClaim, claim);
  if (!found) return Failure{found.error()};
  return found->has_value();
}

/// The login of an embedded service: from its Secret, else from the binding Secret, which holds a copy, else
/// a new one. Never a new one over existing data (docs/adr/0004-credentials-outlive-the-resource.md).
Result<Credentials> Reconciler::credentials(const Pass& pass, Component component) const {
  for (const auto* kind : {&kSecret, &kPersistentVolumeClaim})
    if (auto complete = parts_.caches.complete(*kind); !complete) return Failure{complete.error()};
  const std::string& ns = pass.app.key.namespace_;
  const std::string name = child_name(pass.app, component);
  for (const std::string& secret : {name, name + "-binding"})
    if (auto login = login_in(parts_.caches.of(kSecret).find({ns, secret}))) return *login;

  const std::string claim = "data-" + name + "-0";
  const bool embedded = pass.inputs.effective.database.type == DatabaseType::kEmbedded;
  const auto has_data =
      component == Component::kDatabase && embedded ? exists({ns, claim}) : Result<bool>{false};
  if (!has_data) return Failure{has_data.error()};
  if (*has_data)
    return failure(
        Remedy::kRetryWithBackoff, kCredentialsMissing,
        "Secret " + ns + "/" + name + " with the password of the data in PersistentVolumeClaim " + claim +
            " is gone; restore it (keys username and password, labels app.kubernetes.io/managed-by="
            "promptsales-operator and promptsales.io/name=" +
            pass.app.key.name + "), or delete the claim to begin with an empty database");
  auto password = random_password();
  if (!password) return Failure{password.error()};
  return Credentials{bindings::login_name(pass.inputs, component), std::move(*password)};
}

/// An object of this resource as the caches have it; nothing if it is not there or somebody else's.
std::optional<Object> Reconciler::own(const Pass& pass, const k8s::Kind& kind,
                                      const std::string& name) const {
  const auto found = parts_.caches.of(kind).find({pass.app.key.namespace_, name});
  if (!found || found->owner_uid != pass.app.uid) return std::nullopt;
  return found->document();
}

/// What the cluster has that no spec can undo.
Facts Reconciler::facts_of(const Pass& pass) const {
  const std::string& ns = pass.app.key.namespace_;
  Facts facts;
  const auto asked_for = [&](Component component, const std::optional<std::string>& made_with) {
    const auto claim = parts_.caches.of(kPersistentVolumeClaim).find({ns, claim_name(pass.app, component)});
    auto asked = claim ? size_asked_for(claim->document()) : std::nullopt;
    return asked ? asked : made_with;
  };
  if (pass.inputs.effective.database.type == DatabaseType::kEmbedded)
    facts.volume = asked_for(Component::kDatabase, pass.inputs.volume_made_with);
  if (pass.inputs.messaging)
    facts.messaging_volume = asked_for(Component::kMessaging, pass.inputs.messaging_volume_made_with);
  for (const Child* child : all_children()) {
    const auto wanted = child->volume ? child->desired(pass.inputs) : std::nullopt;
    if (!wanted) continue;
    if (const auto live = parts_.caches.of(child->kind).find(k8s::key_of(*wanted)))
      facts.volume = child->volume(live->document());
  }
  if (pass.deployment) facts.replicas = k8s::integer_at(*pass.deployment, {"spec", "replicas"}, 1);
  return facts;
}

Result<void> Reconciler::make_plan(Pass& pass) {
  pass.deployment = own(pass, k8s::kinds::kDeployment, child_name(pass.app, Component::kBackend));
  pass.plan = plan_of(pass.app, parts_.images.backend, *pass.settings, facts_of(pass),
                      k8s::time_text(parts_.clock.wall()));
  pass.inputs.effective = pass.plan.effective;
  return {};
}

/// A refusal is the volume's own trouble: everything else of the spec goes on.
Result<void> Reconciler::grow_volumes(Pass& pass) {
  const auto& effective = pass.inputs.effective;
  if (pass.inputs.database && effective.database.type == DatabaseType::kEmbedded)
    grow_volume(pass, Component::kDatabase, effective.database.storage);
  if (pass.inputs.messaging) grow_volume(pass, Component::kMessaging, effective.messaging.storage);
  return {};
}

void Reconciler::grow_volume(Pass& pass, Component component, const std::string& wanted) {
  const auto claim = parts_.caches.of(kPersistentVolumeClaim)
                         .find({pass.app.key.namespace_, claim_name(pass.app, component)});
  if (!claim) return;
  const Json document = claim->document();
  if (component == Component::kMessaging) pass.inputs.messaging_room = room_of(document);
  const auto size = growth_of(document, wanted);
  if (!size) return;
  const auto grown = children_.resize(*claim, *size);
  if (grown || grown.error().remedy == Remedy::kReadAgain) return;  // its change is an event
  pass.volumes_refused.emplace(component,
                               refused_growth(pass.app, component, document, *size, grown.error()));
  pass.look_again_in(kRefusedAgain);
}

Result<void> Reconciler::certify(Pass& pass) {
  auto done = certifier_.certify(pass);
  pass.stopped = !done;
  return done;
}

/// While the schema is not ready for the image of the spec, pods go on with the image that they have.
Result<void> Reconciler::migrate(Pass& pass) {
  if (!pass.inputs.bindings.contains(Component::kDatabase)) return {};
  // A Deployment that is not known of has an image all the same.
  for (const auto* kind : {&k8s::kinds::kDeployment, &k8s::kinds::kJob})
    if (auto known = parts_.caches.complete(*kind); !known) {
      pass.stopped = true;
      return known;
    }
  const auto job = own(pass, k8s::kinds::kJob, migration_job_name(pass.inputs));
  if (job) migrate_again(pass, *job);
  pass.inputs.held_image =
      image_to_hold(pass.inputs, pass.deployment ? &*pass.deployment : nullptr, job ? &*job : nullptr);
  return {};
}

/// A Job that has given up makes way for another one when that may succeed. Its deletion is an event.
void Reconciler::migrate_again(Pass& pass, const Object& job) {
  const auto when = runs_again_at(job, pass.inputs);
  if (!when) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*when - parts_.clock.wall());
  if (wait.count() > 0) return pass.look_again_in(wait);
  const auto live = parts_.caches.of(k8s::kinds::kJob).find(k8s::key_of(job));
  if (!live || live->deleting) return;
  if (auto removed = children_.remove(k8s::kinds::kJob, *live, "to be run again"); !removed) {
    spdlog::warn("PromptSales {}: {}", pass.app.key.str(), removed.error().message);
    pass.look_again_in(kRefusedAgain);
  }
}

/// A service that was replaced by another one is left alone, and within the reach of pods, until none of them uses
/// it any more.
Result<void> Reconciler::keep_in_reach(Pass& pass) {
  pass.uses_former = !parts_.caches.complete(k8s::kinds::kDeployment);
  if (!pass.deployment) return {};
  const auto& [ns, name] = pass.app.key;
  const auto leaves = [&](const k8s::ProjectionPtr& pod) {  // it still answers what it was asked
    return pod->deleting && component_of(pod->document()) == Component::kBackend;
  };
  pass.uses_former = uses_former_bindings(*pass.deployment, pass.inputs) ||
                     std::ranges::any_of(parts_.caches.of(kPod).of_app(ns, name), leaves);
  if (!pass.uses_former) return {};
  const auto policy = own(pass, k8s::kinds::kNetworkPolicy, child_name(pass.app, Component::kBackend));
  if (!policy) return {};
  if (const Json* egress = k8s::at_path(*policy, {"spec", "egress"})) pass.inputs.former_egress = *egress;
  return {};
}

/// What is wanted is brought, and what is not wanted any more goes even if some of it could not be brought:
/// an autoscaler that is left over would fight with the replicas that were just applied.
Result<void> Reconciler::converge(Pass& pass) {
  auto brought = bring_children(pass);
  if (pass.stop.stop_requested()) return brought;
  auto pruned = prune(pass);
  if (!pruned) pass.left_over = pruned.error();
  if (!brought) return brought;
  return pruned ? bindings::unresolved(pass) : pruned;
}

/// All children are tried: one that cannot be brought is no reason to leave the others as they are.
Result<void> Reconciler::bring_children(Pass& pass) {
  std::optional<Error> first;
  std::set<Component> without_credentials;
  for (const Child* child : all_children()) {
    if (pass.stop.stop_requested()) return stopping();
    auto desired = child->desired(pass.inputs);
    // Pods that lack a connection which they had are left as they are.
    if (child == &children::backend_deployment && !desired && pass.deployment)
      pass.desired.emplace_back(child, k8s::key_of(*pass.deployment));
    if (!desired) continue;
    // Jobs run as the backend does, with its service account.
    const bool is_backend = child->component == Component::kBackend ||
                            child->component == Component::kMigration ||
                            child->component == Component::kTask;
    if (pass.backend_held && is_backend) {
      const auto key = k8s::key_of(*desired);
      if (parts_.caches.of(child->kind).find(key)) pass.desired.emplace_back(child, key);
      continue;
    }
    pass.desired.emplace_back(child, k8s::key_of(*desired));
    // A server that begins with somebody else's password keeps it for ever.
    if (without_credentials.contains(child->component)) continue;
    const bool is_deployment = child->kind == k8s::kinds::kDeployment;
    const auto brought = children_.bring(*child, pass.app, *desired,
                                         is_deployment ? initial_replicas(pass.inputs) : std::nullopt);
    if (brought && *brought == ChildWriter::Outcome::kWaiting) pass.waiting.insert(child);
    if (brought) continue;
    pass.failed.emplace(child, brought.error());
    if (child->write == Child::Write::kCreateOnce) without_credentials.insert(child->component);
    // Nor do pods mount what somebody else has put under the name of their certificate.
    if (child == &children::tls_certificate) without_credentials.insert(Component::kBackend);
    // What can be tried again is, even if something else only waits.
    if (!first || first->remedy == Remedy::kWaitForChange) first = brought.error();
  }
  if (!first) return {};
  // Tried again even when the server calls the object invalid: what refuses it may be a policy of the
  // cluster, and mending that is no event here.
  if (first->remedy != Remedy::kWaitForChange) first->remedy = Remedy::kRetryWithBackoff;
  return Failure{*std::move(first)};
}

/// Whether pods may use it, or will: a service that is replaced by another one goes when that is bound and no pod
/// uses the former any more.
bool Reconciler::may_serve(const Pass& pass, const k8s::Kind& kind, const k8s::Projection& object) {
  const auto component = component_of(object.document());
  const auto binding = component ? pass.bindings.find(*component) : pass.bindings.end();
  if (binding != pass.bindings.end() && binding->second.problem) return true;
  return pass.uses_former && kind != k8s::kinds::kNetworkPolicy && kind != k8s::kinds::kJob &&
         component != Component::kBackend && component != Component::kTask;
}

/// Data goes with the PromptSales where its spec says so, and never because the spec names another service.
Result<void> Reconciler::leave(const Pass& pass, const Child& data, const k8s::Projection& object) {
  if (auto left = children_.release(data, object); !left) return left;
  const std::string here = "kubectl -n " + object.key.namespace_ + " ";
  const std::string what = parts_.caches.as_served(data.kind).resource() + " " + object.key.name;
  const Json mark = data.when_deleted(/*stays=*/false);
  parts_.events.record(
      {kPromptSales, pass.app.key, pass.app.uid},
      {.reason = "DataRetained",
       .action = "Retain",
       .message =
           std::string{data.kind.kind} + " " + object.key.name +
           " is not part of this resource any more; it stays, with what it holds, until somebody discards "
           "it: " +
           (mark.empty() ? "" : here + "patch " + what + " --type=merge -p '" + mark.dump() + "' && ") +
           here + "delete " + what});
  return {};
}

/// What this resource owns and no child wants any more: garbage is computed from what is there, so that
/// nothing needs to have been remembered. Retained objects have no owner and are never among it.
Result<void> Reconciler::prune(const Pass& pass) {
  std::optional<Error> first;
  const auto sweep = [&](const k8s::Kind& kind) {
    for (const auto& object : parts_.caches.of(kind).of_app(pass.app.key.namespace_, pass.app.key.name)) {
      const bool wanted = std::ranges::any_of(pass.desired, [&](const auto& each) {
        return each.first->kind == kind && each.second == object->key;
      });
      if (wanted || object->deleting || object->owner_uid != pass.app.uid) continue;
      if (const Child* data = holder_of_data(pass.app, kind, object->key.name)) {
        if (auto left = leave(pass, *data, *object); !left && !first) first = left.error();
        continue;
      }
      if (may_serve(pass, kind, *object)) continue;
      if (auto removed = children_.remove(kind, *object, "no longer wanted"); !removed && !first)
        first = removed.error();
    }
  };
  for (const auto* kind : child_kinds()) sweep(*kind);
  for (const auto& optional : optional_kinds()) sweep(optional.kind);
  if (first) return Failure{*first};
  return {};
}

Observed Reconciler::observe(const Pass& pass) const {
  const auto& [ns, name] = pass.app.key;
  Observed observed;
  for (const auto& [child, key] : pass.desired) {
    const auto object = parts_.caches.of(child->kind).find(key);
    if (!object) continue;
    // That it is there is all that is asked of most: unpacking them was a third of a pass.
    const bool is_read = child->ready != &ready_when_present;
    observed.children[{child->kind.kind, key.name}] = is_read ? object->document() : Object::object();
  }
  for (const auto& claim : parts_.caches.of(kPersistentVolumeClaim).of_app(ns, name))
    observed.children[{kPersistentVolumeClaim.kind, claim->key.name}] = claim->document();
  observed.volumes_refused = pass.volumes_refused;
  for (const auto& pod : parts_.caches.of(kPod).of_app(ns, name)) observed.pods.push_back(pod->document());
  return observed;
}

Readiness Reconciler::readiness_of(const Pass& pass, const Child& child, const k8s::ObjectKey& key,
                                   const Observed& observed) const {
  if (const auto error = pass.failed.find(&child); error != pass.failed.end()) return failed(error->second);
  const Object* object = observed.find(child.kind, key.name);
  const std::string what = std::string{child.kind.kind} + " " + key.name;
  if (pass.waiting.contains(&child))
    return {Readiness::State::kProgressing, "Deleting",
            "a former " + what +
                " is still being deleted; if it stays, kubectl describe shows the finalizer that holds it"};
  if (!object) return {Readiness::State::kProgressing, "Creating", what + " is being made"};
  return child.ready(*object, pass.inputs, observed);
}

/// What a move between tiers looks at. An autoscaler that does not work is said by its own condition; one
/// that could not be written is something to wait for.
Seen Reconciler::seen_in(const PassReport& report, const Pass& pass) const {
  Seen seen{.replicas = report.replicas};
  const auto part_of = [&](Component component) -> Readiness& {
    return component == Component::kDatabase ? seen.database
           : component == Component::kCache  ? seen.cache
                                             : seen.backend;
  };
  const auto see = [](Readiness& part, const Readiness& readiness) {
    if (readiness.state > part.state) part = readiness;
  };
  for (const auto& [child, readiness] : report.children) {
    // A new image waits for the one, new entries of a binding for the other, and a move for neither.
    if (child->component == Component::kMigration || child->component == Component::kTask) continue;
    const bool scales = is_autoscaler(*child);
    if (scales && !pass.failed.contains(child)) continue;
    see(scales ? seen.autoscaler : part_of(child->component), readiness);
  }
  for (const auto& [component, readiness] : report.problems) see(part_of(component), readiness);
  return seen;
}

/// Why no backend was made, if that is so for want of a connection.
std::optional<Readiness> Reconciler::absent_backend(const Pass& pass) {
  if (pass.stopped || pass.deployment) return std::nullopt;
  for (const auto& [component, binding] : pass.bindings)
    if (binding.problem && !pass.inputs.bindings.contains(component))
      return Readiness{Readiness::State::kProgressing, binding.problem->reason,
                       "the backend is made when the " + std::string{text_of(component)} +
                           " is bound: " + binding.problem->message};
  return std::nullopt;
}

PassReport Reconciler::report(const Pass& pass, const Result<void>& outcome) const {
  PassReport report{
      .app = pass.app, .effective = pass.inputs.effective, .now = k8s::time_text(parts_.clock.wall())};
  if (pass.stopped) report.stopped = outcome.error();
  report.without_login = pass.without_login;
  report.left_over = pass.left_over;
  report.tls = pass.tls;
  report.url =
      pass.backend_held ? k8s::string_at(pass.app.status, {"backend", "url"}) : public_url(pass.inputs);
  const Observed observed = observe(pass);
  for (const auto& [child, key] : pass.desired)
    report.children.push_back({child, readiness_of(pass, *child, key, observed)});
  if (const Object* deployment =
          observed.find(k8s::kinds::kDeployment, child_name(pass.app, Component::kBackend))) {
    report.replicas = k8s::integer_at(*deployment, {"status", "replicas"});
    report.ready_replicas = k8s::integer_at(*deployment, {"status", "readyReplicas"});
    report.image = running_image(observed.pods, pass.app);
  }
  if (pass.settings->prices) {
    const auto& exposure = pass.app.spec.exposure;
    report.cost = cost_of(report.effective, report.replicas,
                          exposure && exposure->type == ExposureType::kLoadBalancer, *pass.settings->prices);
  }
  if (auto absent = absent_backend(pass)) report.children.push_back({&children::backend_deployment, *absent});
  for (const auto& [component, binding] : pass.bindings)
    if (binding.problem) report.problems.emplace_back(component, failed(*binding.problem));
  for (const auto& [component, error] : pass.rotating) report.problems.emplace_back(component, failed(error));
  if (pass.plan.transition && !pass.stopped) report.move = move_after(pass.plan, seen_in(report, pass));
  if (!pass.stopped) report.budget = pass.plan.budget;
  const auto add_binding = [&](Component component, const bindings::Entries& entries) {
    report.bindings.push_back({std::string{text_of(component)}, child_name(pass.app, component) + "-binding",
                               "sha256:" + k8s::digest_of(entries)});
  };
  for (const auto& [component, entries] : pass.inputs.bindings) add_binding(component, entries);
  return report;
}

Result<Next> Reconciler::write_status(Pass& pass, const Result<void>& outcome) {
  const PassReport found = report(pass, outcome);
  const StatusUpdate update = status_of(found);
  if (found.move && found.move->moved()) pass.look_again = kAtOnce;
  if (pass.tls) tell_of_certificate(pass, *pass.tls);
  const auto held_back = status_.write(pass.app, update.status, update.urgency);
  if (!held_back) return Failure{held_back.error()};
  if (!*held_back) tell(pass, update);
  const bool suspended = !outcome && outcome.error().reason == kSuspended;
  if (!outcome && !suspended) {
    Error error = outcome.error();
    const auto again = std::min(held_back->value_or(kNever), pass.look_again.value_or(kNever));
    const bool only_waits =
        error.remedy == Remedy::kWaitForChange || error.remedy == Remedy::kWaitForSpecChange;
    if (again != kNever && only_waits) {  // for something else than what failed
      error.remedy = Remedy::kWaitForChange;
      error.retry_after = std::min(error.retry_after.value_or(again), again);
    }
    return Failure{std::move(error)};
  }
  const auto soonest = std::min(held_back->value_or(kNever), pass.look_again.value_or(kNever));
  return soonest == kNever ? Next::on_event() : Next::in(soonest);
}

/// Events for what has just been written, and for a certificate that nothing has renewed in time.
void Reconciler::tell_of_certificate(const Pass& pass, const tls::Report& report) {
  const runtime::ObjectReference about{kPromptSales, pass.app.key, pass.app.uid};
  const bool written = std::ranges::none_of(
      pass.failed, [](const auto& each) { return each.first->component == Component::kTls; });
  for (const std::string& reason : report.news)
    if (written)
      parts_.events.record(about, {.reason = reason, .action = "Certify", .message = report.message});
  const Json* before = k8s::condition_in(pass.app.status, "TLSReady");
  if (report.expires_soon && !(before && k8s::string_at(*before, {"reason"}) == tls::kExpiresSoon))
    parts_.events.record(about, {.warning = true,
                                 .reason = std::string{tls::kExpiresSoon},
                                 .action = "Certify",
                                 .message = report.message});
}

/// Events for what has just become so.
void Reconciler::tell(const Pass& pass, const StatusUpdate& update) {
  const Json* now = k8s::condition_in(update.status, "Ready");
  const Json* before = k8s::condition_in(pass.app.status, "Ready");
  const auto text = [](const Json* condition, const char* field) {
    return condition ? k8s::string_at(*condition, {field}) : std::string{};
  };
  const bool same =
      text(now, "status") == text(before, "status") && text(now, "reason") == text(before, "reason");
  const runtime::ObjectReference about{kPromptSales, pass.app.key, pass.app.uid};
  if (!same) {
    parts_.events.record(about, {.warning = update.failing,
                                 .reason = text(now, "reason"),
                                 .action = "Reconcile",
                                 .message = text(now, "message")});
  }
  const bool is_new_spec =
      k8s::integer_at(pass.app.status, {"observedGeneration"}, -1) != pass.app.generation;
  if (!pass.stopped && is_new_spec)  // and not again by an operator that starts anew
    if (const auto exceeded = over_budget(pass.plan.target))
      parts_.events.record(
          about,
          {.warning = true, .reason = "FootprintExceeded", .action = "Validate", .message = *exceeded});
}

void Reconciler::forget(const k8s::ObjectKey& key, const std::string& app_uid) {
  parts_.referenced.forget(parts_.references.keep_only(key, {}));
  certifier_.forget(key, app_uid);
  children_.forget(app_uid);
  status_.forget(app_uid);
}

}  // namespace promptsales::controllers
