#include "controllers/promptsales/reconciler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/bindings/resolve.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/former_bindings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/migration.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/password.hpp"
#include "controllers/promptsales/plan.hpp"
#include "controllers/promptsales/postgres_version.hpp"
#include "controllers/promptsales/retention.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "controllers/promptsales/service_health.hpp"
#include "controllers/promptsales/status.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "controllers/promptsales/trial.hpp"
#include "controllers/promptsales/validate.hpp"
#include "controllers/promptsales/volume.hpp"
#include "controllers/run_steps.hpp"
#include "operator/k8s/conditions.hpp"
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

constexpr k8s::Kind kNamespace{"", "v1", "Namespace", "namespaces", /*namespaced=*/false};
constexpr const char* kCredentialsMissing = "CredentialsMissing";
constexpr std::string_view kDeleting = "Deleting";
/// How long until the cache has what the server has.
constexpr auto kStaleAgain = std::chrono::seconds{5};
/// How long until what the API server has refused is asked for again: what mends it is not watched.
constexpr auto kRefusedAgain = std::chrono::minutes{5};

}  // namespace

Reconciler::Reconciler(Parts parts)
    : parts_(std::move(parts)),
      trust_keeper_(parts_.caches, parts_.referenced, parts_.clock),
      certifier_(parts_.caches, parts_.references, parts_.referenced, parts_.metrics, parts_.clock),
      children_(parts_.client, parts_.caches, parts_.metrics, parts_.may_write),
      convergence_(children_, parts_.caches, parts_.events),
      reporter_({parts_.client, parts_.caches, parts_.events, parts_.clock, parts_.may_write}) {}

Result<Next> Reconciler::reconcile(const k8s::ObjectKey& key, std::stop_token stop) {
  const auto cached = parts_.caches.of(kPromptSales).find(key);
  if (!cached) return Next::on_event();  // the cluster collects the children by owner reference

  Pass pass = begin(*cached);
  if (cached->deleting || goes_with_its_namespace(pass)) {
    parts_.pods.forget(key);  // another application's pod may get the address of one that is gone
    const auto stays = let_data_stay(pass);
    const auto said = say_deleting(pass, *cached, stays);
    // It is the last that is done for the resource: nothing else would ask for it again before the data has gone.
    return stays ? said : Failure{stays.error()};
  }
  pass.stop = stop;
  const auto outcome = run_steps<Pass>(pass, {
                                                 [this](Pass& p) { return let_data_stay(p); },
                                                 [this](Pass& p) { return check(p); },
                                                 [this](Pass& p) { return read_inputs(p); },
                                                 [this](Pass& p) { return choose_server(p); },
                                                 [this](Pass& p) { return make_plan(p); },
                                                 [this](Pass& p) { return grow_volumes(p); },
                                                 [this](Pass& p) { return rotate(p); },
                                                 [this](Pass& p) { return trust(p); },
                                                 [this](Pass& p) { return bind(p); },
                                                 [this](Pass& p) { return certify(p); },
                                                 [this](Pass& p) { return migrate(p); },
                                                 [this](Pass& p) { return keep_in_reach(p); },
                                                 [this](Pass& p) { return retire(p); },
                                                 [this](Pass& p) { return convergence_.run(p); },
                                             });
  if (!pass.stopped)  // else nothing was read, and what runs goes on referring to what it did
    parts_.referenced.forget(parts_.references.keep_only(key, pass.references));
  if (stop.stop_requested()) return stopping();  // half a pass would make a status that is not true
  // Nothing was looked at, for a reason that is gone in a moment: no news for anybody.
  if (pass.stopped && is_passing(outcome.error())) return Failure{outcome.error()};
  ask_pods(pass);
  return reporter_.write(pass, outcome);  // on every path: a failure is also news
}

/// How pods get on with their services: what has become of those is no event.
void Reconciler::ask_pods(Pass& pass) {
  if (pass.stopped) return parts_.pods.forget(pass.app.key);
  std::vector<Object> pods;
  for (const auto& pod : parts_.caches.of(kPod).of_app(pass.app.key.namespace_, pass.app.key.name))
    pods.push_back(pod->document());
  controllers::ask_pods(pass, pods, parts_.pods);
}

/// Of a namespace that is deleted pods go first, and the resource is told when the last of them has drained. So
/// the namespace is asked for, but only when there is reason to: all pods are going, or it was so before.
bool Reconciler::goes_with_its_namespace(const Pass& pass) const {
  const auto& [ns, name] = pass.app.key;
  const auto pods = parts_.caches.of(kPod).of_app(ns, name);
  const bool all_go =
      !pods.empty() && std::ranges::all_of(pods, [](const auto& pod) { return pod->deleting; });
  const Json* ready = k8s::condition_in(pass.app.status, "Ready");
  if (!all_go && !(ready && k8s::string_at(*ready, {"reason"}) == kDeleting)) return false;
  const auto found = parts_.client.get(kNamespace, {"", ns});
  if (!found || !*found) return false;  // who may not read it learns of it later
  const Json document = Json::parse(**found, nullptr, false);
  return !k8s::string_at(document, {"metadata", "deletionTimestamp"}).empty();
}

/// The namespace takes it along, or somebody else keeps a resource that is to be gone: ours has no finalizer.
Result<Next> Reconciler::say_deleting(Pass& pass, const k8s::Projection& cached, const Result<void>& stays) {
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
  const std::string& ns = cached.key.namespace_;
  Error deleting{Remedy::kWaitForChange, std::string{kDeleting},
                 cached.deleting
                     ? "the resource is being deleted and nothing is made for it any more, also if it is "
                       "because of its namespace; " +
                           kept_by
                     : "namespace " + ns +
                           " is being deleted, and the resource and its pods with it; nothing is made for "
                           "it any more. It can be made again elsewhere; kubectl describe namespace " +
                           ns + " shows what is still in the way"};
  if (!stays && !is_passing(stays.error()))
    deleting.message += ". That its data stays, as asked, is not settled yet: " + stays.error().message;
  const auto written = reporter_.write(pass, Failure{deleting});
  if (written || written.error().reason == k8s::kNotFound) return Next::on_event();
  if (written.error().reason != deleting.reason) return written;
  const auto& held_back = written.error().retry_after;
  return held_back ? Next::in(*held_back) : Next::on_event();
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
  pass.inputs.request_metrics = pass.settings->request_metrics;
  for (const auto& [version, image] : pass.settings->postgres_images)
    pass.inputs.images.postgres_by_version.insert_or_assign(version, image);
  return pass;
}

Result<void> Reconciler::let_data_stay(Pass& pass) {
  auto done = controllers::let_data_stay(pass, {parts_.caches, children_, parts_.events});
  pass.stopped = !done;
  return done;
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
    auto gone = nothing_of_a_predecessor(pass, parts_.caches, component);
    auto found = gone ? credentials(pass, component) : Failure{gone.error()};
    pass.stopped = !found;
    if (!found && found.error().reason == kCredentialsMissing) pass.without_login = component;
    if (!found) return Failure{found.error()};
    into = *found;
    return {};
  };
  const auto& effective = pass.inputs.effective;
  const auto made_with = [&](Component component) -> std::optional<std::string> {
    const auto server = own(pass, k8s::kinds::kStatefulSet, child_name(pass.app, component));
    return server ? size_made_with(*server) : std::nullopt;
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

/// What the database is run with, and that data goes with the resource where its spec says so.
Result<void> Reconciler::choose_server(Pass& pass) {
  if (pass.inputs.database && pass.inputs.effective.database.type == DatabaseType::kEmbedded) {
    const k8s::ObjectKey claim{pass.app.key.namespace_, claim_name(pass.app, Component::kDatabase)};
    const auto cached = parts_.caches.of(kPersistentVolumeClaim).find(claim);
    const auto volume = cached ? std::optional{cached->document()} : std::nullopt;
    const auto server = own(pass, k8s::kinds::kStatefulSet, child_name(pass.app, Component::kDatabase));
    const auto found = postgres_on_volume(pass.inputs.images, cached != nullptr, volume ? &*volume : nullptr,
                                          server ? &*server : nullptr);
    auto chosen = choose_postgres(pass.inputs.images, pass.inputs.effective.database.version, found);
    pass.stopped = !chosen;
    if (!chosen) pass.without_login = Component::kDatabase;
    if (!chosen) return Failure{chosen.error()};
    pass.inputs.postgres = std::move(*chosen);
  }
  auto going = let_data_go(pass, {parts_.caches, children_, parts_.events});
  pass.stopped = !going;
  return going;
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
bool Reconciler::may_have(const Pass& pass, const Child& child, std::string_view type) {
  const Json* said = k8s::at_path(pass.app.status, {"effective", text_of(child.component)});
  if (said && is_autoscaler(child.kind)) said = k8s::at_path(*said, {"autoscaling"});
  if (said && k8s::string_at(*said, {"type"}) == type) return true;
  const auto* provider = bindings::provider_of(pass.inputs, child.component);
  return (provider && provider->type == type) || child.desired(pass.inputs);
}

/// Waits until the optional kinds of this resource's children have been looked at: a new operator process
/// must not take what it has not seen for what is not there.
Result<void> Reconciler::know_optional_children(Pass& pass) {
  for (const Child* child : all_children()) {
    const OptionalKind* optional = optional_kind(child->kind);
    if (!optional || !may_have(pass, *child, optional->type)) continue;
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

/// The login that the operator makes for a service: from its Secret, else from the binding Secret if that holds
/// a copy, else a new one. Never a new one over existing data
/// (docs/adr/0004-credentials-outlive-the-resource.md).
Result<Credentials> Reconciler::credentials(const Pass& pass, Component component) const {
  for (const auto* kind : {&kSecret, &kPersistentVolumeClaim, &k8s::kinds::kStatefulSet})
    if (auto complete = parts_.caches.complete(*kind); !complete) return Failure{complete.error()};
  const std::string& ns = pass.app.key.namespace_;
  const std::string name = child_name(pass.app, component);
  const std::string secret = bindings::login_secret(pass.inputs, component);
  const std::string claim = claim_name(pass.app, component);
  const bool on_volume =
      component == Component::kDatabase && pass.inputs.effective.database.type == DatabaseType::kEmbedded;
  const auto& secrets = parts_.caches.of(kSecret);
  if (auto kept = login_in(secrets.find({ns, secret}))) {
    Credentials login = bindings::login_from(*std::move(kept), pass.inputs, component);
    // A volume that is still to be made will know its owner alone, whoever logged in at the one before.
    if (!on_volume || login.username == bindings::login_name(pass.inputs, component) ||
        own(pass, k8s::kinds::kStatefulSet, name))
      return login;
    const auto has_data = exists({ns, claim});
    if (!has_data) return Failure{has_data.error()};
    if (!*has_data) login.username = bindings::login_name(pass.inputs, component);
    return login;
  }
  const auto binding = secrets.find({ns, name + "-binding"});
  if (binding &&
      bindings::holds_login_of_ours(bindings::entries_in(binding->document()), pass.inputs, component))
    if (auto copy = login_in(binding)) return *std::move(copy);

  const auto has_data = on_volume ? exists({ns, claim}) : Result<bool>{false};
  if (!has_data) return Failure{has_data.error()};
  if (*has_data)
    return failure(
        Remedy::kRetryWithBackoff, kCredentialsMissing,
        "Secret " + ns + "/" + secret + " with the password of the data in PersistentVolumeClaim " + claim +
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

/// What the cluster has that no spec can undo. Of a new operator process nothing is concluded before it has looked.
Result<Facts> Reconciler::facts_of(const Pass& pass) {
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
    const auto wanted = child->follows_live() ? child->desired(pass.inputs) : std::nullopt;
    if (!wanted) continue;
    const auto known = parts_.caches.complete(child->kind);
    if (!known && is_starting(known.error())) return Failure{known.error()};
    auto live = parts_.caches.of(child->kind).find(k8s::key_of(*wanted));
    // It may have lost the label by which the caches know it, also one that a former PromptSales has left.
    if (!live && known) {
      auto unseen = children_.look(child->kind, k8s::key_of(*wanted));
      if (!unseen) return Failure{unseen.error()};
      live = *unseen;
    }
    if (!live) continue;
    const Json document = live->document();
    if (child->volume) facts.volume = child->volume(document);
    const bool is_cache = child->component == Component::kCache;
    if (child->made_as) (is_cache ? facts.cache_made_as : facts.database_made_as) = child->made_as(document);
    if (child->has_standby)
      (is_cache ? facts.cache_standby : facts.database_standby) = child->has_standby(document);
  }
  if (pass.deployment) facts.replicas = k8s::integer_at(*pass.deployment, {"spec", "replicas"}, 1);
  return facts;
}

Result<void> Reconciler::make_plan(Pass& pass) {
  pass.deployment = own(pass, k8s::kinds::kDeployment, child_name(pass.app, Component::kBackend));
  const auto facts = facts_of(pass);
  pass.stopped = !facts;
  if (!facts) return Failure{facts.error()};
  pass.plan =
      plan_of(pass.app, parts_.images.backend, *pass.settings, *facts, k8s::time_text(parts_.clock.wall()));
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
  if (grown) return;
  // What others write on claims is not always an event for us (setup.cpp), so what made ours stale may be none.
  if (grown.error().remedy == Remedy::kReadAgain) return pass.look_again_in(kStaleAgain);
  pass.volumes_refused.emplace(component,
                               refused_growth(pass.app, component, document, *size, grown.error()));
  pass.look_again_in(kRefusedAgain);
}

Result<void> Reconciler::trust(Pass& pass) {
  auto done = trust_keeper_.trust(pass);
  pass.stopped = !done;
  return done;
}

Result<void> Reconciler::certify(Pass& pass) {
  auto done = certifier_.certify(pass);
  pass.stopped = !done;
  if (pass.tls && pass.tls->readiness.ready() && pass.untrusted)
    pass.tls->readiness = {Readiness::State::kFailed, pass.untrusted->reason, pass.untrusted->message};
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
  pass.migration_gave_up = when.has_value();
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

void Reconciler::forget(const k8s::ObjectKey& key, const std::string& app_uid) {
  parts_.referenced.forget(parts_.references.keep_only(key, {}));
  parts_.pods.forget(key);
  certifier_.forget(key, app_uid);
  trust_keeper_.forget(app_uid);
  children_.forget(app_uid);
  reporter_.forget(app_uid);
}

}  // namespace promptsales::controllers
