#include "controllers/promptsales/pods.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using k8s::integer_at;
using k8s::string_at;

constexpr std::array<std::string_view, 7> kImageReasons{
    "ImagePullBackOff",  "ErrImagePull",        "ErrImageNeverPull",        "InvalidImageName",
    "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"};
constexpr std::array<std::string_view, 2> kConfigReasons{"CreateContainerConfigError",
                                                         "CreateContainerError"};

bool is_one_of(auto& reasons, std::string_view reason) {
  return std::ranges::find(reasons, reason) != reasons.end();
}

/// What a failure is about: "pod demo-backend-x: container backend".
std::string where(const Json& pod, const Json& container) {
  return "pod " + string_at(pod, {"metadata", "name"}) + ": container " + string_at(container, {"name"});
}

Readiness failed(std::string reason, std::string message) {
  return {Readiness::State::kFailed, std::move(reason), std::move(message)};
}

/// The image that a container is to have. Its status names the former one, where somebody has changed it.
std::string wanted_image(const Json& pod, const Json& status) {
  const std::string wanted = image_of(at_path(pod, {"spec"}), string_at(status, {"name"}));
  return wanted.empty() ? string_at(status, {"image"}) : wanted;
}

std::optional<Readiness> image_failure(const Json& pod, const Json& container) {
  const std::string reason = string_at(container, {"state", "waiting", "reason"});
  if (!is_one_of(kImageReasons, reason)) return std::nullopt;
  return failed("ImagePullFailed", where(pod, container) + " cannot get the image " +
                                       wanted_image(pod, container) + " (" + reason +
                                       "); check that it exists, and that the nodes may pull it");
}

std::optional<Readiness> config_failure(const Json& pod, const Json& container) {
  if (!is_one_of(kConfigReasons, string_at(container, {"state", "waiting", "reason"}))) return std::nullopt;
  return failed("ContainerConfigError", where(pod, container) + " cannot start: " +
                                            string_at(container, {"state", "waiting", "message"}) +
                                            "; provide what is named, or take it out of spec.backend.env");
}

/// How a container ended, and what to do: "it " and this.
std::string end_of(const Json& terminated) {
  const std::string reason = string_at(terminated, {"reason"});
  if (reason == "OOMKilled") return "ran out of memory; raise its memory limit";
  if (reason == "StartError" || reason == "ContainerCannotRun")  // it has left no log
    return "could not be started: " + string_at(terminated, {"message"}) + "; check its image";
  const std::string code = "ended with exit code " + std::to_string(integer_at(terminated, {"exitCode"}));
  const std::string last_words = string_at(terminated, {"message"});  // ours leave the reason there
  return code + (last_words.empty() ? "; see kubectl logs --previous" : ": " + last_words);
}

std::optional<Readiness> crash(const Json& pod, const Json& container) {
  const bool looping = string_at(container, {"state", "waiting", "reason"}) == "CrashLoopBackOff";
  const Json* ended = at_path(container, {"lastState", "terminated"});
  if (!ended) ended = at_path(container, {"state", "terminated"});
  if (!looping || !ended) return std::nullopt;
  return failed("CrashLoop", where(pod, container) + " was restarted " +
                                 std::to_string(integer_at(container, {"restartCount"})) + " times: it " +
                                 end_of(*ended));
}

using ContainerCheck = std::optional<Readiness> (*)(const Json& pod, const Json& container);

std::optional<Readiness> first_failure(const Json& pod, ContainerCheck check) {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const Json* containers = at_path(pod, {"status", list});
    if (!containers) continue;
    for (const Json& container : *containers)
      if (auto failure = check(pod, container)) return failure;
  }
  return std::nullopt;
}

/// What is short. What the scheduler goes on to say about claims and preemption is the same for nearly every pod.
std::string what_is_short(const std::string& text) {
  std::string first = text.substr(0, std::min(text.find(". no new claims"), text.find(". preemption:")));
  if (first.ends_with('.')) first.pop_back();  // our sentence goes on
  return first;
}

/// The scheduler's word about a pod that it has found no node for, or nullptr.
const Json* scheduler_word(const Json& pod) {
  const Json* scheduled = k8s::condition_of(pod, "PodScheduled");
  return scheduled && string_at(*scheduled, {"reason"}) == "Unschedulable" ? scheduled : nullptr;
}

std::optional<Readiness> unschedulable(const Json& pod) {
  const Json* scheduled = scheduler_word(pod);
  if (!scheduled) return std::nullopt;
  return failed("Unschedulable", "pod " + string_at(pod, {"metadata", "name"}) + " fits on no node: " +
                                     what_is_short(string_at(*scheduled, {"message"})) +
                                     "; add room, or lower the resources that the spec asks for");
}

/// The pods of one component that are not on their way out.
std::vector<const Object*> pods_of(const std::vector<Object>& pods, const PromptSales& app,
                                   Component component) {
  std::vector<const Object*> ours;
  for (const Object& pod : pods) {
    const bool of_component =
        string_at(pod, {"metadata", "labels", "app.kubernetes.io/component"}) == text_of(component);
    const bool of_app = string_at(pod, {"metadata", "labels", "promptsales.io/name"}) == app.key.name;
    if (of_app && of_component && !at_path(pod, {"metadata", "deletionTimestamp"})) ours.push_back(&pod);
  }
  return ours;
}

/// Whether a pod was ready since its container runs, and is not any more.
bool has_fallen_silent(const Object& pod) {
  const Json* ready = k8s::condition_of(pod, "Ready");
  const Json* containers = at_path(pod, {"status", "containerStatuses"});
  if (!ready || !containers || string_at(*ready, {"status"}) != "False") return false;
  const std::string since = string_at(*ready, {"lastTransitionTime"});
  return std::ranges::any_of(*containers, [&](const Json& container) {
    const std::string started = string_at(container, {"state", "running", "startedAt"});
    return !started.empty() && started < since;  // of the same form, so that texts can be compared
  });
}

}  // namespace

std::string image_of(const Json* pod_spec, std::string_view container) {
  for (const char* list : {"containers", "initContainers"}) {
    const Json* containers = pod_spec ? at_path(*pod_spec, {list}) : nullptr;
    for (const Json& each : containers ? *containers : Json::array())
      if (string_at(each, {"name"}) == container) return string_at(each, {"image"});
  }
  return "";
}

std::string running_image(const std::vector<Object>& pods, const PromptSales& app) {
  std::map<std::string, int> count;
  for (const Object* pod : pods_of(pods, app, Component::kBackend))
    if (k8s::has_condition(*pod, "Ready"))
      ++count[image_of(at_path(*pod, {"spec"}), text_of(Component::kBackend))];
  const auto most = std::ranges::max_element(count, {}, [](const auto& each) { return each.second; });
  return most == count.end() ? "" : most->first;
}

std::optional<Readiness> pod_failure(const std::vector<Object>& pods, const PromptSales& app,
                                     Component component) {
  const auto ours = pods_of(pods, app, component);
  for (ContainerCheck check : {image_failure, config_failure, crash})
    for (const Object* pod : ours)
      if (auto failure = first_failure(*pod, check)) return failure;
  for (const Object* pod : ours)
    if (auto failure = unschedulable(*pod)) return failure;
  return std::nullopt;
}

std::optional<Clock::WallTime> unschedulable_since(const std::vector<Object>& pods, const PromptSales& app,
                                                   Component component) {
  std::optional<Clock::WallTime> newest;
  for (const Object* pod : pods_of(pods, app, component))
    if (const Json* word = scheduler_word(*pod))
      newest = std::max(newest, k8s::parse_time(string_at(*word, {"lastTransitionTime"})));
  return newest;
}

bool has_pods(const std::vector<Object>& pods, const PromptSales& app, Component component) {
  return !pods_of(pods, app, component).empty();
}

std::optional<Readiness> fallen_silent(const std::vector<Object>& pods, const PromptSales& app,
                                       Component component) {
  for (const Object* pod : pods_of(pods, app, component)) {
    if (!has_fallen_silent(*pod)) continue;
    const std::string name = string_at(*pod, {"metadata", "name"});
    return failed("NotAnswering", "pod " + name + " runs and does not answer any more; kubectl -n " +
                                      app.key.namespace_ + " logs " + name + " says why");
  }
  return std::nullopt;
}

std::string LastWords::text() const {
  if (!message.empty()) return message;
  return "it ended with exit code " + std::to_string(exit_code) + " and said nothing";
}

std::optional<LastWords> last_words(const std::vector<Object>& pods) {
  std::optional<LastWords> last;
  for (const Object& pod : pods) {
    const Json* containers = at_path(pod, {"status", "containerStatuses"});
    for (const Json& container : containers ? *containers : Json::array()) {
      const Json* ended = at_path(container, {"state", "terminated"});
      if (!ended || integer_at(*ended, {"exitCode"}) == 0) continue;
      LastWords words{string_at(*ended, {"finishedAt"}), integer_at(*ended, {"exitCode"}),
                      string_at(*ended, {"message"})};
      if (!last || words.finished_at > last->finished_at) last = std::move(words);
    }
  }
  return last;
}

}  // namespace promptsales::controllers
