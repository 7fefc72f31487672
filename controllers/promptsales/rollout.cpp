#include "controllers/promptsales/rollout.hpp"

#include <algorithm>
#include <array>

#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/volume.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using k8s::integer_at;
using k8s::string_at;

Component part_of(const Object& workload) { return component_of(workload).value_or(Component::kBackend); }

Readiness progressing(std::string reason, std::string message) {
  return {Readiness::State::kProgressing, std::move(reason), std::move(message)};
}

/// Pods that could not even be made: quota, LimitRange, Pod Security, a missing service account.
std::optional<Readiness> creation_failure(const Object& workload) {
  if (!k8s::has_condition(workload, "ReplicaFailure")) return std::nullopt;
  return Readiness{Readiness::State::kFailed, "PodsRefused",
                   "the cluster refuses pods of " + k8s::describe(workload) + ": " +
                       string_at(*k8s::condition_of(workload, "ReplicaFailure"), {"message"})};
}

/// Pods that start and do not get ready, for longer than the Deployment waits (ten minutes).
std::optional<Readiness> stuck_rollout(const Object& deployment) {
  const Json* progress = k8s::condition_of(deployment, "Progressing");
  if (!progress || string_at(*progress, {"reason"}) != "ProgressDeadlineExceeded") return std::nullopt;
  const std::string name = string_at(deployment, {"metadata", "name"});
  return Readiness{Readiness::State::kFailed, "ProgressDeadlineExceeded",
                   "the new pods of Deployment " + name + " do not get ready; kubectl -n " +
                       string_at(deployment, {"metadata", "namespace"}) + " logs deployment/" + name +
                       " says what they wait for"};
}

bool is_seen(const Object& workload) {
  return integer_at(workload, {"status", "observedGeneration"}, -1) >=
         integer_at(workload, {"metadata", "generation"});
}

/// A StatefulSet says nowhere but in Events why it could not make its pod.
std::optional<Readiness> missing_pod(const Object& stateful_set, const Inputs& inputs,
                                     const Observed& observed) {
  const bool none = integer_at(stateful_set, {"status", "replicas"}) == 0 &&
                    !has_pods(observed.pods, inputs.app, part_of(stateful_set));
  if (!is_seen(stateful_set) || !none) return std::nullopt;
  return pods_not_made(stateful_set);
}

/// Whether what the scheduler says is about a volume, in any of its spellings.
bool is_about_a_volume(const Readiness& failure) {
  if (failure.reason != "Unschedulable") return false;
  return std::ranges::any_of(std::array{"PersistentVolume", "persistentvolume", "persistent volume"},
                             [&](const char* words) { return failure.message.contains(words); });
}

/// Within this time a pod that fits on no node may still come to fit on one: the scheduler calls a claim that was made in
/// the same breath as its pod unbound, and looks again when it is bound; a roll-out adds a pod and takes one away.
constexpr auto kMayComeToFit = std::chrono::seconds{5};

std::optional<Clock::WallTime> looked_for_a_node(const Inputs& inputs, const Observed& observed,
                                                 Component component) {
  const auto since = unschedulable_since(observed.pods, inputs.app, component);
  return since && observed.now - *since < kMayComeToFit ? since : std::nullopt;
}

/// Whether a new pod has just found no node while former ones are still there, which have the room that it wants.
bool may_get_room(const Readiness& failure, bool former_ones, const Inputs& inputs,
                  const Observed& observed) {
  return failure.reason == "Unschedulable" && former_ones &&
         looked_for_a_node(inputs, observed, Component::kBackend);
}

std::optional<std::string> unbound_claim(const Inputs& inputs, const Observed& observed) {
  const std::string name = claim_name(inputs.app, Component::kDatabase);
  const Object* claim = observed.find(k8s::kinds::kPersistentVolumeClaim, name);
  if (!claim || string_at(*claim, {"status", "phase"}) == "Bound") return std::nullopt;
  return "PersistentVolumeClaim " + name + " is " + string_at(*claim, {"status", "phase"}, "new") +
         "; a storage class that provides it is needed (spec.database.storageClassName)";
}

}  // namespace

Readiness pods_not_made(const Object& workload) {
  const std::string ns = string_at(workload, {"metadata", "namespace"});
  return {Readiness::State::kFailed, "PodsRefused",
          "no pod of " + k8s::describe(workload) + " could be made: kubectl -n " + ns +
              " get events says which quota, LimitRange or policy refuses it"};
}

std::optional<std::chrono::milliseconds> node_awaited(const Inputs& inputs, const Observed& observed) {
  std::optional<std::chrono::milliseconds> least;
  for (const auto component :
       {Component::kBackend, Component::kDatabase, Component::kCache, Component::kMessaging}) {
    const auto since = looked_for_a_node(inputs, observed, component);
    if (!since) continue;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*since + kMayComeToFit - observed.now);
    least = std::min(least.value_or(left), left);
  }
  return least;
}

Readiness deployment_readiness(const Object& deployment, const Inputs& inputs, const Observed& observed) {
  // An autoscaler that has not acted yet, or somebody who scaled the Deployment by hand, may leave fewer.
  const auto wanted =
      std::max(integer_at(deployment, {"spec", "replicas"}, 1), inputs.effective.backend.min_replicas);
  const auto updated = integer_at(deployment, {"status", "updatedReplicas"});
  const auto all = integer_at(deployment, {"status", "replicas"});
  const auto available = integer_at(deployment, {"status", "availableReplicas"});
  if (is_seen(deployment) && updated >= wanted && all <= updated && available >= updated) return {};

  if (auto failure = pod_failure(observed.pods, inputs.app, part_of(deployment))) {
    if (!may_get_room(*failure, all > updated, inputs, observed)) return *failure;
    return progressing("RollingOut", "a new pod waits for the room of a former one");
  }
  if (auto failure = creation_failure(deployment)) return *failure;
  if (auto failure = stuck_rollout(deployment)) return *failure;
  if (!is_seen(deployment))
    return progressing("RollingOut", "the roll-out of " + k8s::describe(deployment) + " begins");
  if (all > updated && updated >= wanted)
    return progressing("RollingOut",
                       std::to_string(all - updated) + " replicas of the former revision are still there");
  if (updated >= wanted)
    if (auto silent = fallen_silent(observed.pods, inputs.app, Component::kBackend)) return *silent;
  return progressing(updated < wanted || all > updated ? "RollingOut" : "ReplicasNotReady",
                     std::to_string(std::min(available, updated)) + " of " + std::to_string(wanted) +
                         " backend replicas are ready");
}

Readiness stateful_set_readiness(const Object& stateful_set, const Inputs& inputs, const Observed& observed) {
  const auto wanted = integer_at(stateful_set, {"spec", "replicas"}, 1);
  const bool newest = string_at(stateful_set, {"status", "currentRevision"}) ==
                      string_at(stateful_set, {"status", "updateRevision"});
  const auto ready = integer_at(stateful_set, {"status", "readyReplicas"});
  const auto updated = integer_at(stateful_set, {"status", "updatedReplicas"});
  if (is_seen(stateful_set) && newest && updated >= wanted && ready >= wanted) return {};

  const Component component = part_of(stateful_set);
  const auto failure = pod_failure(observed.pods, inputs.app, component);
  // Most storage classes bind a claim only when its pod has got a node: what keeps the pod from one comes
  // first.
  if (failure && !is_about_a_volume(*failure)) return *failure;
  if (component == Component::kDatabase)
    if (const auto claim = unbound_claim(inputs, observed))
      return {Readiness::State::kWaiting, "VolumePending", *claim};
  if (failure && looked_for_a_node(inputs, observed, component))
    return {Readiness::State::kWaiting, "VolumePending", failure->message};
  if (failure) return *failure;
  if (auto refused = missing_pod(stateful_set, inputs, observed)) return *refused;
  if (auto silent = fallen_silent(observed.pods, inputs.app, component)) return *silent;
  const std::string what{text_of(component)};
  return progressing(newest ? "Starting" : "RollingOut",
                     "the " + what + " is starting: " + std::to_string(ready) + " of " +
                         std::to_string(wanted) + " replicas are ready");
}

}  // namespace promptsales::controllers
