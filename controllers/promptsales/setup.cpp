#include "controllers/promptsales/setup.hpp"

#include <spdlog/spdlog.h>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/left_behind.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/retention.hpp"
#include "controllers/promptsales/service_health.hpp"

namespace promptsales::controllers {
namespace {

using namespace k8s::kinds;
using runtime::Informer;
using runtime::Priority;
using runtime::Store;

constexpr std::string_view kOurs = "app.kubernetes.io/managed-by=promptsales-operator";

k8s::Keep pod_facts() {
  return {"kind",
          "metadata.name",
          "metadata.namespace",
          "metadata.labels",
          "metadata.annotations",
          "metadata.deletionTimestamp",
          "metadata.creationTimestamp",
          "spec.nodeName",
          "spec.containers.name",
          "spec.containers.image",
          "spec.initContainers.name",
          "spec.initContainers.image",
          "status.phase",
          "status.podIP",
          "status.reason",
          "status.message",
          "status.conditions",
          "status.containerStatuses",
          "status.initContainerStatuses"};
}

k8s::Keep claim_facts() {
  return {"kind",
          "metadata.name",
          "metadata.namespace",
          "metadata.labels",
          "metadata.deletionTimestamp",
          "metadata.ownerReferences",
          "spec.volumeName",
          "spec.storageClassName",
          "spec.resources",
          "status.phase",
          "status.capacity",
          "status.conditions"};
}

/// Not the measurements, which change every quarter of a minute.
k8s::Keep autoscaler_facts() {
  return {"apiVersion", "kind", "metadata", "spec", "status.conditions", "status.desiredReplicas"};
}

/// Whether a reconcile could see a difference.
bool is_news(const Store::Change& change) {
  return !change.before || !change.after || change.before->digest != change.after->digest;
}

/// Queues the PromptSales whose object this is, and whose it was if somebody has changed the label.
void wake_apps(runtime::WorkQueue& queue, const Store::Change& change, Priority priority) {
  const auto wake = [&](const k8s::Projection& object) {
    if (!object.app.empty()) queue.add({object.key.namespace_, object.app}, priority);
  };
  if (change.after) wake(*change.after);
  if (change.before && !(change.after && change.after->app == change.before->app)) wake(*change.before);
}

/// A volume goes with what opens it, and no other volume's: the database's has a Secret of its own.
std::string how_to_discard(const k8s::Projection& claim, const k8s::ObjectKey& app) {
  const bool is_database = component_of(claim.document()) == Component::kDatabase;
  return discard_volume(claim.key, is_database ? app.name + "-database" : "");
}

void tell_what_was_kept(const k8s::ObjectKey& app, const std::string& uid, const Caches& caches,
                        runtime::EventRecorder& events) {
  for (const auto& claim : caches.of(kPersistentVolumeClaim).of_app(app.namespace_, app.name)) {
    if (goes_with(*claim, uid)) continue;
    const std::string kept = "PromptSales " + app.str() +
                             " was deleted; its data is kept in PersistentVolumeClaim " + claim->key.name +
                             ", and a new PromptSales of the same name uses it again. To discard it: " +
                             how_to_discard(*claim, app);
    spdlog::info("{}", kept);
    events.record({kPersistentVolumeClaim, claim->key, claim->uid},
                  {.reason = "DataRetained", .action = "Retain", .message = kept});
  }
}

std::vector<std::unique_ptr<Informer>> make_informers(client::Client& client, const std::string& ns,
                                                      const Clock& clock) {
  std::vector<std::unique_ptr<Informer>> informers;
  const auto watch = [&](const k8s::Kind& kind, std::string_view selector, k8s::Keep keep) {
    informers.push_back(std::make_unique<Informer>(
        runtime::InformerConfig{kind, {.ns = ns, .label_selector = std::string{selector}}, std::move(keep)},
        client, clock));
  };
  watch(kPromptSales, "", {});
  for (const auto* kind : child_kinds())
    watch(*kind, kOurs, *kind == kHorizontalPodAutoscaler ? autoscaler_facts() : k8s::Keep{});
  watch(kPod, kOurs, pod_facts());
  watch(kPersistentVolumeClaim, kOurs, claim_facts());
  return informers;
}

Caches caches_of(const std::vector<std::unique_ptr<Informer>>& informers,
                 runtime::OptionalInformers& optional) {
  Caches caches;
  for (const auto& informer : informers) caches.add(*informer);
  for (const auto& each : optional_kinds())
    optional.declare({each.kind, {.label_selector = std::string{each.watch_all ? "" : kOurs}}, each.keep});
  caches.serve_optional(optional);
  return caches;
}

/// What an informer has come to: the states in between say nothing new to who waits for it.
using Settled = std::pair<bool, std::optional<runtime::InformerStatus::State>>;

/// Wakes every resource when an optional kind turns out to be there, missing or forbidden: those that wait
/// for it can go on or say why not; to the others it costs a look at the caches.
void connect_status(Informer& informer, const Informer& resources, runtime::WorkQueue& queue) {
  informer.on_status(
      [&resources, &queue, last = Settled{}](const Informer&, const runtime::InformerStatus& now) mutable {
        const Settled settled{now.synced, now.trouble};
        if (std::exchange(last, settled) == settled) return;
        for (const auto& key : resources.store().keys()) queue.add(key, Priority::kInitial);
      });
}

}  // namespace

Setup::Setup(Parts parts)
    : parts_(std::move(parts)),
      informers_(make_informers(parts_.client, parts_.ns, parts_.clock)),
      optional_(parts_.client, parts_.ns, parts_.clock),
      referenced_(parts_.client, optional_, references_),
      caches_(caches_of(informers_, optional_)),
      pods_({.path = "/readyz?logins", .port = kAdminPort, .well = std::string{kAllIsWell}}, word_of,
            [this](const k8s::ObjectKey& app) { controller_.queue().add(app, Priority::kChild); }),
      reconciler_({.client = parts_.client,
                   .caches = caches_,
                   .references = references_,
                   .referenced = referenced_,
                   .optional = optional_,
                   .events = parts_.events,
                   .metrics = parts_.metrics,
                   .pods = pods_,
                   .clock = parts_.clock,
                   .settings = parts_.settings,
                   .may_write = parts_.may_write,
                   .images = parts_.images}),
      controller_([this](const auto& key, auto stop) { return reconciler_.reconcile(key, stop); },
                  parts_.workers, parts_.clock, parts_.metrics) {
  connect_foreign();
  connect();
}

void Setup::reconcile_all() {
  for (const auto& key : informers_.front()->store().keys()) controller_.queue().add(key, Priority::kInitial);
}

void Setup::connect_foreign() {
  auto& queue = controller_.queue();
  referenced_.on_change([&queue](const k8s::ObjectKey& from) { queue.add(from, Priority::kUserChange); });
  optional_.on_start([this, &queue](const k8s::Kind& declared, Informer& informer) {
    connect_status(informer, *informers_.front(), queue);
    if (referenced_.connect(declared, informer)) return;
    informer.on_change([this, &declared, &queue](const Store::Change& change, bool initial) {
      const auto priority = initial ? Priority::kInitial : Priority::kChild;
      wake_apps(queue, change, priority);
      const auto& key = change.after ? change.after->key : change.before->key;
      for (const auto& from : references_.to({&declared, key})) queue.add(from, priority);
    });
  });
}

void Setup::connect() {
  auto& queue = controller_.queue();
  informers_.front()->on_change([this, &queue](const Store::Change& change, bool initial) {
    const auto& object = change.after ? *change.after : *change.before;
    if (!change.after) {
      reconciler_.forget(object.key, object.uid);
      if (parts_.may_write())
        tell_what_was_kept(object.key, object.uid, caches_, parts_.events);  // once, not by every replica
    }
    const bool edited =
        change.before && change.after && change.before->generation != change.after->generation;
    if (edited) queue.forget(object.key);  // what failed before may well work now
    queue.add(object.key, initial ? Priority::kInitial : Priority::kUserChange);
  });
  for (std::size_t i = 1; i < informers_.size(); ++i)
    informers_[i]->on_change([&queue](const Store::Change& change, bool initial) {
      if (is_news(change)) wake_apps(queue, change, initial ? Priority::kInitial : Priority::kChild);
    });
}

}  // namespace promptsales::controllers
