#include "controllers/promptsales/child_writer.hpp"

#include <spdlog/spdlog.h>

#include "controllers/promptsales/ownership.hpp"
#include "operator/k8s/annotation.hpp"
#include "operator/k8s/compare.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/json_text.hpp"
#include "operator/k8s/response.hpp"

namespace promptsales::controllers {
namespace {

using k8s::annotation;
using k8s::string_at;

constexpr const char* kAppliedHash = "promptsales.io/applied-hash";
constexpr const char* kOwnsReplicas = "promptsales.io/owns-replicas";
/// Of a child that was created with replicas of the hand-over manager: "pending" while that manager owns all
/// of it, "released" when it owns the replicas alone.
constexpr const char* kHandover = "promptsales.io/handover";
/// Before the hash of an intent that the hand-over manager has applied.
constexpr std::string_view kFirst = "first-";

std::string name_of(const Child& child, const k8s::ObjectKey& key) {
  return std::string{child.kind.kind} + " " + key.str();
}

/// The desired object as it is sent: with the marks by which the next pass, or the next process, recognises
/// it.
Object marked(Object desired, std::string& hash) {
  if (desired.contains("spec") && desired["spec"].contains("replicas"))
    desired["metadata"]["annotations"][kOwnsReplicas] = "true";
  hash = k8s::sha256_hex(k8s::json_text(desired)).substr(0, 16);
  desired["metadata"]["annotations"][kAppliedHash] = hash;
  return desired;
}

/// The intent as the hand-over manager creates it: with the replicas that an autoscaler begins from. That the
/// operator's own manager never had them is what lets it apply the rest later without taking them away.
Object created_with(Object intent, const Object& first_replicas, const std::string& hash) {
  intent["spec"]["replicas"] = first_replicas["spec"]["replicas"];
  intent["metadata"]["annotations"][kHandover] = "pending";
  intent["metadata"]["annotations"][kAppliedHash] = std::string{kFirst} + hash;
  return intent;
}

std::string memory_name(const Child& child, const k8s::ObjectKey& key) {
  return std::string{child.kind.kind} + "/" + key.name;
}

Failure name_conflict(const Child& child, const k8s::ObjectKey& key, const std::string& why) {
  return failure(Remedy::kRetryWithBackoff, "NameConflict",
                 name_of(child, key) + " exists and " + why +
                     "; delete or rename it, or give the PromptSales another name");
}

/// The owner references of an object without those of one owner.
Json owners_but(const Json& object, const std::string& uid) {
  Json others = Json::array();
  if (const Json* owners = k8s::at_path(object, {"metadata", "ownerReferences"}))
    for (const Json& owner : *owners)
      if (string_at(owner, {"uid"}) != uid) others.push_back(owner);
  return others;
}

/// The operator has applied a child that its hand-over manager still owns as a whole.
bool must_be_released(const Json& live) {
  return annotation(live, kHandover) == "pending" && !annotation(live, kAppliedHash).starts_with(kFirst);
}

/// Applied by force, and so only to the object that was seen.
Object only_of(const std::string& uid, Object intent) {
  intent["metadata"]["uid"] = uid;
  return intent;
}

}  // namespace

ChildWriter::ChildWriter(client::Client& client, Caches& caches, runtime::Metrics& metrics,
                         std::function<bool()> may_write)
    : client_(client), caches_(caches), metrics_(metrics), may_write_(std::move(may_write)) {}

Result<void> ChildWriter::gate() {
  if (may_write_()) return {};
  metrics_.write_denied();
  return failure(Remedy::kRetryWithBackoff, "NotLeading",
                 "the lease is not held; another replica does the work");
}

Result<ChildWriter::Outcome> ChildWriter::bring(const Child& child, const PromptSales& app, Object desired,
                                                const std::optional<Object>& first_replicas) {
  if (auto complete = caches_.complete(child.kind); !complete) return Failure{complete.error()};
  const auto key = k8s::key_of(desired);
  auto live = caches_.of(child.kind).find(key);
  const bool is_in_caches = live != nullptr;
  const bool may_be_unseen = was_reported_on(app) || child.follows_live();
  if (!live && child.write == Child::Write::kApply && may_be_unseen) {
    auto unseen = look(child.kind, key);
    if (!unseen) return Failure{unseen.error()};
    live = *unseen;
  }
  if (!live && child.retained && was_reported_on(app))
    if (auto there = still_there(app); !there) return Failure{there.error()};
  if (live && live->deleting) return Outcome::kWaiting;
  const bool is_kept = live && child.retained && live->owner_uid.empty();
  if (is_kept && child.write == Child::Write::kApply && live->app != app.key.name)
    return name_conflict(child, key, "does not carry the labels of this PromptSales");
  if (live && !is_kept && live->owner_uid != app.uid) {
    if (is_of_a_predecessor(live->document(), app)) return Outcome::kWaiting;
    if (live->owner_uid.empty()) return name_conflict(child, key, "is not owned by this PromptSales");
    return name_conflict(child, key, "belongs to another owner (UID " + live->owner_uid + ")");
  }
  if (child.write == Child::Write::kCreateOnce) return create_once(child, app, desired, live.get());

  std::string hash;
  desired["apiVersion"] = caches_.as_served(child.kind).api_version();
  const Object intent = marked(std::move(desired), hash);
  if (live && (is_remembered(app.uid, child, hash, *live) || converged(app, child, intent, hash, *live))) {
    metrics_.noop_write_suppressed();
    return Outcome::kAsDesired;
  }
  if (live && !is_kept && is_older(live->document(), app)) {
    let_go(child, key, annotation(live->document(), kHandover) == "pending" ? kHandoverManager : kManager);
    return name_conflict(child, key, "is older than this PromptSales");
  }
  // What is wanted of it may have been worked out without it.
  if (live && !is_in_caches && child.follows_live()) {
    const auto labelled = label_again(child, *live, intent);
    return labelled ? Result<Outcome>{Outcome::kTakenBack} : Failure{labelled.error()};
  }
  if (!live && first_replicas) {
    auto created = apply(child, app, created_with(intent, *first_replicas, hash), hash, nullptr);
    return created ? Result<Outcome>{Outcome::kWritten} : Failure{created.error()};
  }
  const bool gives_replicas_up =
      live && first_replicas && annotation(live->document(), kOwnsReplicas) == "true";
  if (gives_replicas_up)
    if (auto kept = keep_replicas(child, *live); !kept) return Failure{kept.error()};
  auto applied = apply(child, app, intent, hash, live.get());
  if (!applied) return Failure{applied.error()};
  if (child.kind == k8s::kinds::kDeployment && must_be_released((*applied)->document()))
    if (auto released = keep_replicas(child, **applied); !released) return Failure{released.error()};
  return Outcome::kWritten;
}

bool ChildWriter::is_remembered(const std::string& app_uid, const Child& child, const std::string& hash,
                                const k8s::Projection& live) {
  return seen_.with([&](auto& apps) {
    const auto app = apps.find(app_uid);
    if (app == apps.end()) return false;
    const auto seen = app->second.find(memory_name(child, live.key));
    return seen != app->second.end() && seen->second == Seen{hash, live.digest};
  });
}

bool ChildWriter::converged(const PromptSales& app, const Child& child, const Object& intent,
                            const std::string& hash, const k8s::Projection& live) {
  const Object document = live.document();
  if (!child.retained && is_older(document, app)) return false;
  const std::string applied = annotation(document, kAppliedHash);
  if (applied != hash && applied != std::string{kFirst} + hash) return false;
  Object wanted = intent;
  wanted["metadata"]["annotations"].erase(kAppliedHash);
  if (must_be_released(document) || !k8s::covers(document, wanted)) return false;
  seen_.with([&](auto& apps) { apps[app.uid][memory_name(child, live.key)] = Seen{hash, live.digest}; });
  return true;
}

Result<k8s::ProjectionPtr> ChildWriter::look(const k8s::Kind& kind, const k8s::ObjectKey& key) {
  const auto body = client_.get(caches_.as_served(kind), key);
  if (!body) return Failure{body.error()};
  if (!*body) return k8s::ProjectionPtr{};
  return k8s::project(**body, {});
}

/// The caches may show a resource that has just gone without its children. What it owns is collected a second time;
/// what nobody owns would stay for ever.
Result<void> ChildWriter::still_there(const PromptSales& app) {
  const auto found = look(k8s::kinds::kPromptSales, app.key);
  if (!found) return Failure{found.error()};
  if (*found && (*found)->uid == app.uid && !(*found)->deleting) return {};
  return failure(
      Remedy::kReadAgain, std::string{k8s::kNotFound},
      "PromptSales " + app.key.str() + " has gone, or is about to: nothing is made for it any more");
}

Result<ChildWriter::Outcome> ChildWriter::create_once(const Child& child, const PromptSales& app,
                                                      const Object& desired, const k8s::Projection* live) {
  if (live) return Outcome::kAsDesired;
  if (auto open = gate(); !open) return Failure{open.error()};
  auto answer = client_.create(child.kind, desired, kManager);
  if (!answer && answer.error().reason == k8s::kAlreadyExists) return take_back(child, app, desired);
  if (!answer) return Failure{answer.error()};
  metrics_.child_write(child.id, "create");
  spdlog::info("PromptSales {}: created {}", app.key.str(), k8s::describe(desired));
  if (auto taken = take_in(child.kind, *answer); !taken) return Failure{taken.error()};
  return Outcome::kWritten;
}

/// An object that the caches do not show has no label of ours. If it is ours all the same, somebody has taken
/// the labels off, and they alone are put back.
Result<ChildWriter::Outcome> ChildWriter::take_back(const Child& child, const PromptSales& app,
                                                    const Object& desired) {
  const auto key = k8s::key_of(desired);
  const auto unseen = look(child.kind, key);
  if (!unseen) return Failure{unseen.error()};
  if (child.retained || !*unseen || (*unseen)->owner_uid != app.uid)
    return name_conflict(child, key,
                         "was not made by this operator (it has no label app.kubernetes.io/managed-by)");
  if (auto labelled = label_again(child, **unseen, desired); !labelled) return Failure{labelled.error()};
  return Outcome::kWritten;
}

Result<void> ChildWriter::label_again(const Child& child, const k8s::Projection& live,
                                      const Object& desired) {
  const auto answer =
      patch_as_seen(child.kind, live, {{"metadata", {{"labels", desired.at("metadata").at("labels")}}}},
                    child.id, "repair");
  if (!answer) return Failure{answer.error()};
  spdlog::info("put the labels back on {}", k8s::describe(desired));
  return take_in(child.kind, *answer);
}

Result<k8s::ProjectionPtr> ChildWriter::apply(const Child& child, const PromptSales& app,
                                              const Object& intent, const std::string& hash,
                                              const k8s::Projection* live) {
  auto answer = send(child, app, intent, live);
  if (!answer) return Failure{answer.error()};
  auto object = caches_.written(child.kind, *answer);
  if (!object) return Failure{object.error()};
  // An apply cannot take away list entries that others own: a Service's port that somebody renumbered.
  if (child.kind == k8s::kinds::kService && !k8s::covers((*object)->document(), intent)) {
    auto replaced = replace_ports(child, intent);
    if (!replaced) return Failure{replaced.error()};
    object = caches_.written(child.kind, *replaced);
    if (!object) return Failure{object.error()};
  }
  // Remembered even if the server still has it differently: it has just said that this is what it makes of
  // the intent, and to write it again would change nothing.
  const std::string name = memory_name(child, (*object)->key);
  seen_.with([&](auto& apps) { apps[app.uid][name] = Seen{hash, (*object)->digest}; });
  return object;
}

Result<std::string> ChildWriter::send(const Child& child, const PromptSales& app, const Object& intent,
                                      const k8s::Projection* live) {
  if (auto open = gate(); !open) return Failure{open.error()};
  const auto key = k8s::key_of(intent);
  const auto manager = annotation(intent, kHandover) == "pending" ? kHandoverManager : kManager;
  const bool exists = live != nullptr;
  const auto applied = [&](const Object& object) {
    return client_.apply(caches_.as_served(child.kind), object, {.manager = manager, .force = exists});
  };
  auto answer = exists ? applied(only_of(live->uid, intent)) : applied(intent);
  if (!answer && !exists && answer.error().reason == k8s::kConflict)
    return name_conflict(child, key, "has fields that somebody else set (" + answer.error().message + ")");
  if (!answer && exists && child.kind == k8s::kinds::kService && answer.error().reason == k8s::kInvalid)
    return replace_ports(child, intent);
  if (!answer) return Failure{answer.error()};
  if (!exists && !answer->created) {
    let_go(child, key, manager);
    return name_conflict(child, key, "was not made by this operator");
  }
  metrics_.child_write(child.id, exists ? "update" : "create");
  spdlog::info("PromptSales {}: {} {}", app.key.str(), exists ? "changed" : "created", k8s::describe(intent));
  return std::move(answer->object);
}

/// Takes back what was just added to somebody else's object, and nothing else.
void ChildWriter::let_go(const Child& child, const k8s::ObjectKey& key, std::string_view manager) {
  if (auto open = gate(); !open) return;
  const auto& served = caches_.as_served(child.kind);
  const auto released = client_.apply(served,
                                      {{"apiVersion", served.api_version()},
                                       {"kind", child.kind.kind},
                                       {"metadata", {{"name", key.name}, {"namespace", key.namespace_}}}},
                                      {.manager = manager, .force = false});
  if (!released)
    spdlog::warn("could not take back the marks on {}: {}", name_of(child, key), released.error().message);
}

/// Puts a Service's ports in the place of what is there. Server-side apply merges ports by number and
/// protocol, so a port that somebody renumbered stays beside ours, and the server refuses two ports of one
/// name for ever.
Result<std::string> ChildWriter::replace_ports(const Child& child, const Object& intent) {
  if (auto open = gate(); !open) return Failure{open.error()};
  const Json patch{{"metadata", {{"annotations", intent["metadata"]["annotations"]}}},
                   {"spec", {{"ports", intent["spec"]["ports"]}}}};
  auto answer = client_.merge_patch(child.kind, k8s::key_of(intent), patch, kManager);
  if (!answer) return Failure{answer.error()};
  metrics_.child_write(child.id, "repair");
  spdlog::info("repaired the ports of {}", k8s::describe(intent));
  return answer;
}

/// Makes the hand-over manager own the replicas, with the value that they have now, and nothing else: what
/// the operator stops to apply then keeps its value, and a value that changes meanwhile makes the server
/// refuse this.
Result<void> ChildWriter::keep_replicas(const Child& child, const k8s::Projection& live) {
  if (auto open = gate(); !open) return open;
  const auto& key = live.key;
  const Object replicas{
      {"apiVersion", child.kind.api_version()},
      {"kind", child.kind.kind},
      {"metadata",
       {{"name", key.name}, {"namespace", key.namespace_}, {"annotations", {{kHandover, "released"}}}}},
      {"spec", {{"replicas", k8s::integer_at(live.document(), {"spec", "replicas"}, 1)}}}};
  auto answer = client_.apply(child.kind, replicas, {.manager = kHandoverManager, .force = false});
  if (!answer) return Failure{answer.error()};
  metrics_.child_write(child.id, "handover");
  return take_in(child.kind, answer->object);
}

Result<void> ChildWriter::resize(const k8s::Projection& claim, const std::string& size) {
  const auto& kind = k8s::kinds::kPersistentVolumeClaim;
  const auto answer = patch_as_seen(
      kind, claim, {{"spec", {{"resources", {{"requests", {{"storage", size}}}}}}}}, "volume", "resize");
  if (!answer) return Failure{answer.error()};
  spdlog::info("raised PersistentVolumeClaim {} to {}", claim.key.str(), size);
  return take_in(kind, *answer);
}

/// Changes the object if it is still as it was seen. Returns the server's answer, for the caches.
Result<std::string> ChildWriter::patch_as_seen(const k8s::Kind& kind, const k8s::Projection& object,
                                               Json patch, std::string_view child, std::string_view write) {
  if (auto open = gate(); !open) return Failure{open.error()};
  patch["metadata"]["uid"] = object.uid;
  patch["metadata"]["resourceVersion"] = object.resource_version;
  auto answer = client_.merge_patch(caches_.as_served(kind), object.key, patch, kManager);
  if (!answer) return Failure{asked_again(answer.error())};
  metrics_.child_write(child, write);
  return answer;
}

Result<void> ChildWriter::take_in(const k8s::Kind& kind, const std::string& answer) {
  if (auto taken = caches_.written(kind, answer); !taken) return Failure{taken.error()};
  return {};
}

Result<void> ChildWriter::amend(const k8s::Projection& secret, Json patch) {
  const auto answer = patch_as_seen(k8s::kinds::kSecret, secret, std::move(patch), "login", "amend");
  if (!answer) return Failure{answer.error()};
  spdlog::info("changed the login in Secret {}", secret.key.str());
  return take_in(k8s::kinds::kSecret, *answer);
}

Result<void> ChildWriter::mark(const k8s::Kind& kind, const k8s::Projection& object, const char* label,
                               const std::string& value) {
  const auto answer =
      patch_as_seen(kind, object, {{"metadata", {{"labels", {{label, value}}}}}}, "data", "mark");
  return answer ? take_in(kind, *answer) : Failure{answer.error()};
}

Result<void> ChildWriter::entail(const k8s::Kind& kind, const k8s::Projection& object, const PromptSales& app,
                                 bool goes) {
  Json owners = owners_but(object.document(), app.uid);
  if (goes)
    owners.push_back({{"apiVersion", k8s::kinds::kPromptSales.api_version()},
                      {"kind", k8s::kinds::kPromptSales.kind},
                      {"name", app.key.name},
                      {"uid", app.uid}});
  const auto answer = patch_as_seen(kind, object, {{"metadata", {{"ownerReferences", std::move(owners)}}}},
                                    "data", goes ? "entail" : "release");
  if (!answer) return Failure{answer.error()};
  spdlog::info(
      "PromptSales {}: {} {} {}", app.key.str(), kind.kind, object.key.str(),
      goes ? "goes with it, with the data that it holds: deletionPolicy is Delete" : "stays when it goes");
  return take_in(kind, *answer);
}

Result<void> ChildWriter::remove(const k8s::Kind& kind, const k8s::Projection& object, std::string_view why) {
  if (auto open = gate(); !open) return open;
  auto removed = client_.remove(caches_.as_served(kind), object.key,
                                {.uid = object.uid, .resource_version = object.resource_version});
  if (!removed) return Failure{asked_again(removed.error())};
  metrics_.child_write("pruned", "delete");
  spdlog::info("deleted {} {}: {}", kind.kind, object.key.str(), why);
  return {};
}

Result<void> ChildWriter::release(const Child& child, const k8s::Projection& object) {
  Json patch = child.when_deleted(/*stays=*/true);
  patch["metadata"]["ownerReferences"] = owners_but(object.document(), object.owner_uid);
  const auto answer = patch_as_seen(child.kind, object, std::move(patch), child.id, "release");
  if (!answer) return Failure{answer.error()};
  spdlog::info("left {} {} as it is: it holds data", child.kind.kind, object.key.str());
  return take_in(child.kind, *answer);
}

void ChildWriter::forget(const std::string& app_uid) {
  seen_.with([&](auto& apps) { apps.erase(app_uid); });
}

bool was_applied(const Object& live, Object desired) {
  std::string hash;
  (void)marked(std::move(desired), hash);
  return annotation(live, kAppliedHash) == hash;
}

}  // namespace promptsales::controllers
