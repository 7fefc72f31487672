#include "controllers/promptsales/child_writer.hpp"

#include <spdlog/spdlog.h>

#include "operator/k8s/compare.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/response.hpp"

namespace promptsales::controllers {
namespace {

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
  hash = k8s::sha256_hex(desired.dump()).substr(0, 16);
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

Failure name_conflict(const Child& child, const k8s::ObjectKey& key, const std::string& why) {
  return failure(Remedy::kRetryWithBackoff, "NameConflict",
                 name_of(child, key) + " exists and " + why +
                     "; delete or rename it, or give the PromptSales another name");
}

std::string annotation(const Json& object, const char* name) {
  return string_at(object, {"metadata", "annotations", name});
}

/// The operator has applied a child that its hand-over manager still owns as a whole.
bool must_be_released(const Json& live) {
  return annotation(live, kHandover) == "pending" && !annotation(live, kAppliedHash).starts_with(kFirst);
}

/// A child cannot be older than its owner: what is, was there before, and is somebody else's.
bool older_than(const std::string& answer, const PromptSales& app) {
  const Json object = Json::parse(answer, nullptr, /*allow_exceptions=*/false);
  const std::string created = string_at(object, {"metadata", "creationTimestamp"});
  return !created.empty() && !app.created.empty() && created < app.created;
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

Result<ChildWriter::Outcome> ChildWriter::bring(const Child& child, const PromptSales& app,
                                                const Object& desired,
                                                const std::optional<Object>& first_replicas) {
  if (auto complete = caches_.complete(child.kind); !complete) return Failure{complete.error()};
  const auto key = k8s::key_of(desired);
  const auto live = caches_.of(child.kind).find(key);
  if (live && live->deleting) return Outcome::kWaiting;
  if (live && !child.retained && live->owner_uid != app.uid) {
    if (live->owner_uid.empty()) return name_conflict(child, key, "is not owned by this PromptSales");
    return name_conflict(child, key, "belongs to another owner (UID " + live->owner_uid + ")");
  }
  if (child.write == Child::Write::kCreateOnce) return create_once(child, app, desired, live.get());

  std::string hash;
  const Object intent = marked(desired, hash);
  if (live && converged(app.uid, intent, hash, *live)) {
    metrics_.noop_write_suppressed();
    return Outcome::kAsDesired;
  }
  if (!live && first_replicas) {
    auto created = apply(child, app, created_with(intent, *first_replicas, hash), hash, nullptr);
    return created ? Result<Outcome>{Outcome::kWritten} : Failure{created.error()};
  }
  const bool gives_replicas_up =
      live && first_replicas && annotation(live->document(), kOwnsReplicas) == "true";
  if (gives_replicas_up)
    if (auto kept = keep_replicas(child, key); !kept) return Failure{kept.error()};
  if (auto applied = apply(child, app, intent, hash, live.get()); !applied) return Failure{applied.error()};
  if (must_be_released(caches_.of(child.kind).find(key)->document()))
    if (auto released = keep_replicas(child, key); !released) return Failure{released.error()};
  return Outcome::kWritten;
}

bool ChildWriter::converged(const std::string& app_uid, const Object& intent, const std::string& hash,
                            const k8s::Projection& live) {
  const Seen now{hash, live.digest};
  const std::string child = string_at(intent, {"kind"}) + "/" + live.key.name;
  const bool known = seen_.with([&](auto& apps) {
    const auto app = apps.find(app_uid);
    if (app == apps.end()) return false;
    const auto seen = app->second.find(child);
    return seen != app->second.end() && seen->second == now;
  });
  if (known) return true;
  const Object document = live.document();
  const std::string applied = annotation(document, kAppliedHash);
  if (applied != hash && applied != std::string{kFirst} + hash) return false;
  Object wanted = intent;
  wanted["metadata"]["annotations"].erase(kAppliedHash);
  if (must_be_released(document) || !k8s::covers(document, wanted)) return false;
  seen_.with([&](auto& apps) { apps[app_uid][child] = now; });
  return true;
}

Result<ChildWriter::Outcome> ChildWriter::create_once(const Child& child, const PromptSales& app,
                                                      const Object& desired, const k8s::Projection* live) {
  if (live) return Outcome::kAsDesired;
  if (auto open = gate(); !open) return Failure{open.error()};
  auto answer = client_.create(child.kind, desired, kManager);
  if (!answer && answer.error().reason == k8s::kAlreadyExists)
    return name_conflict(child, k8s::key_of(desired),
                         "was not made by this operator (it has no label app.kubernetes.io/managed-by)");
  if (!answer) return Failure{answer.error()};
  metrics_.child_write(child.id, "create");
  spdlog::info("PromptSales {}: created {}", app.key.str(), k8s::describe(desired));
  if (auto taken = caches_.written(child.kind, *answer); !taken) return Failure{taken.error()};
  return Outcome::kWritten;
}

Result<void> ChildWriter::apply(const Child& child, const PromptSales& app, const Object& intent,
                                const std::string& hash, const k8s::Projection* live) {
  auto answer = send(child, app, intent, live != nullptr);
  if (!answer) return Failure{answer.error()};
  auto object = caches_.written(child.kind, *answer);
  if (!object) return Failure{object.error()};
  // An apply cannot take away list entries that others own, such as a Service's port that somebody
  // renumbered.
  if (!k8s::covers((*object)->document(), intent)) {
    auto replaced = replace_lists(child, intent, {});
    if (!replaced) return Failure{replaced.error()};
    if (!replaced->empty()) object = caches_.written(child.kind, *replaced);
    if (!object) return Failure{object.error()};
  }
  // Remembered even if the server still has it differently: it has just said that this is what it makes of
  // the intent, and to write it again would change nothing.
  const std::string name = std::string{child.kind.kind} + "/" + (*object)->key.name;
  seen_.with([&](auto& apps) { apps[app.uid][name] = Seen{hash, (*object)->digest}; });
  return {};
}

Result<std::string> ChildWriter::send(const Child& child, const PromptSales& app, const Object& intent,
                                      bool exists) {
  if (auto open = gate(); !open) return Failure{open.error()};
  const auto key = k8s::key_of(intent);
  const bool handed_over = annotation(intent, kHandover) == "pending";
  auto answer = client_.apply(
      child.kind, intent, {.manager = handed_over ? kHandoverManager : kManager, .force = exists});
  if (!answer && !exists && answer.error().reason == k8s::kConflict)
    return name_conflict(child, key, "has fields that somebody else set (" + answer.error().message + ")");
  if (!answer && exists && answer.error().reason == k8s::kInvalid)
    return replace_lists(child, intent, answer.error());
  if (!answer) return answer;
  if (!exists && older_than(*answer, app)) {
    // Let go of what was just added, and of nothing else.
    (void)client_.apply(child.kind,
                        {{"apiVersion", child.kind.api_version()},
                         {"kind", child.kind.kind},
                         {"metadata", {{"name", key.name}, {"namespace", key.namespace_}}}},
                        {.manager = handed_over ? kHandoverManager : kManager, .force = false});
    return name_conflict(child, key, "is older than this PromptSales");
  }
  metrics_.child_write(child.id, exists ? "update" : "create");
  spdlog::info("PromptSales {}: {} {}", app.key.str(), exists ? "changed" : "created", k8s::describe(intent));
  return answer;
}

/// Puts a Service's ports in the place of what is there. Server-side apply merges ports by number and
/// protocol, so a port that somebody renumbered stays beside ours, and the server refuses two ports of one
/// name for ever.
Result<std::string> ChildWriter::replace_lists(const Child& child, const Object& intent, const Error& why) {
  if (child.kind != k8s::kinds::kService) {
    if (why.reason.empty()) return std::string{};
    return Failure{why};
  }
  if (auto open = gate(); !open) return Failure{open.error()};
  const Json patch{{"metadata", {{"annotations", intent["metadata"]["annotations"]}}},
                   {"spec", {{"ports", intent["spec"]["ports"]}}}};
  auto answer = client_.merge_patch(child.kind, k8s::key_of(intent), patch, kManager);
  if (!answer) return answer;
  metrics_.child_write(child.id, "repair");
  spdlog::info("repaired the ports of {}", k8s::describe(intent));
  return answer;
}

/// Makes the hand-over manager own the replicas, with the value that they have now, and nothing else: what the
/// operator stops to apply then keeps its value, and a value that changes meanwhile makes the server refuse this.
Result<void> ChildWriter::keep_replicas(const Child& child, const k8s::ObjectKey& key) {
  if (auto open = gate(); !open) return open;
  const Object live = caches_.of(child.kind).find(key)->document();
  const Object replicas{
      {"apiVersion", child.kind.api_version()},
      {"kind", child.kind.kind},
      {"metadata",
       {{"name", key.name}, {"namespace", key.namespace_}, {"annotations", {{kHandover, "released"}}}}},
      {"spec", {{"replicas", k8s::integer_at(live, {"spec", "replicas"}, 1)}}}};
  auto answer = client_.apply(child.kind, replicas, {.manager = kHandoverManager, .force = false});
  if (!answer) return Failure{answer.error()};
  metrics_.child_write(child.id, "handover");
  if (auto taken = caches_.written(child.kind, *answer); !taken) return Failure{taken.error()};
  return {};
}

Result<void> ChildWriter::remove(const k8s::Kind& kind, const k8s::Projection& object) {
  if (auto open = gate(); !open) return open;
  auto removed =
      client_.remove(kind, object.key, {.uid = object.uid, .resource_version = object.resource_version});
  if (!removed) return removed;
  metrics_.child_write("pruned", "delete");
  spdlog::info("deleted {} {}: no longer wanted", kind.kind, object.key.str());
  return {};
}

void ChildWriter::forget(const std::string& app_uid) {
  seen_.with([&](auto& apps) { apps.erase(app_uid); });
}

}  // namespace promptsales::controllers
