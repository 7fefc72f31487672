#include "controllers/promptsales/attempts.hpp"

#include <algorithm>
#include <charconv>

#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/annotation.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

using k8s::annotation;
using k8s::integer_at;
using k8s::string_at;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kFirstPause{10};
constexpr seconds kLongestPause{60};
constexpr unsigned kMostAttempts = 9999;  // names of Jobs are at most 63 characters

std::string name_of(const Object& object) { return string_at(object, {"metadata", "name"}); }

/// The attempt that a Job is, or 0 if it is none of this task.
unsigned number_of(const Object& job, const std::string& task) {
  const std::string name = name_of(job);
  if (!name.starts_with(task + "-") || k8s::at_path(job, {"metadata", "deletionTimestamp"})) return 0;
  unsigned number = 0;
  std::from_chars(name.data() + task.size() + 1, name.data() + name.size(), number);
  return number;
}

std::vector<Object> pods_of(const Object& job, const std::vector<Object>& pods) {
  std::vector<Object> own;
  std::ranges::copy_if(pods, std::back_inserter(own), [&](const Object& pod) {
    return string_at(pod, {"metadata", "labels", "batch.kubernetes.io/job-name"}) == name_of(job);
  });
  return own;
}

/// The Job's controller has looked at it, and it has neither a pod nor an end.
bool has_no_pod(const Object& job, const std::vector<Object>& pods) {
  const auto count = [&](const char* of) { return integer_at(job, {"status", of}); };
  return !string_at(job, {"status", "startTime"}).empty() &&
         count("active") + count("succeeded") + count("failed") == 0 && pods.empty();
}

/// When a Job that has failed did so.
Clock::WallTime ended_at(const Json& failed, Clock::WallTime now) {
  return k8s::parse_time(string_at(failed, {"lastTransitionTime"})).value_or(now);
}

class Task {
 public:
  Task(const PromptSales& app, const TaskWords& words) : app_(app), words_(words) {}

  [[nodiscard]] Error problem(const Object& job, const std::vector<Object>& pods) const {
    if (const auto words = last_words(pods)) return refusal(words_.refused, words->text());
    if (k8s::has_condition(job, "Failed"))
      return refusal(words_.unfinished, "Job " + name_of(job) + " came to no end; kubectl -n " +
                                            app_.key.namespace_ + " get events says why");
    if (const auto stuck = pod_failure(pods, app_, Component::kTask))
      return refusal(stuck->reason, stuck->message);
    if (has_no_pod(job, pods)) {
      const Readiness refused = pods_not_made(job);
      return refusal(refused.reason, refused.message);
    }
    if (const auto reason = annotation(job, kFormerReason); !reason.empty())
      return not_done(reason, annotation(job, kFormerMessage));
    return begun("Job " + name_of(job));
  }
  [[nodiscard]] Error begun(const std::string& job) const {
    return not_done(words_.under_way, job + " " + words_.does);
  }

 private:
  static Error not_done(std::string_view reason, const std::string& message) {
    return {Remedy::kWaitForChange, std::string{reason}, message};
  }
  [[nodiscard]] Error refusal(std::string_view reason, const std::string& why) const {
    return not_done(reason, words_.failed + ": " + why + "; " + words_.again);
  }

  const PromptSales& app_;
  const TaskWords& words_;
};

}  // namespace

seconds pause_after(unsigned attempt) {
  const unsigned doublings = std::min(attempt > 0 ? attempt - 1 : 0, 3U);
  return std::min(kFirstPause * (1U << doublings), kLongestPause);
}

std::string attempt_name(const std::string& task, const Attempt& attempt) {
  return task + "-" + std::to_string(attempt.number);
}

TaskProgress progress_of(const PromptSales& app, const std::string& task, const std::vector<Object>& jobs,
                         const std::vector<Object>& pods, const TaskWords& words, Clock::WallTime now) {
  const Task told{app, words};
  TaskProgress progress{.attempt = {}, .problem = told.begun("a Job"), .look_again = {}};
  const Object* newest = nullptr;
  for (const Object& job : jobs) {
    const unsigned number = number_of(job, task);
    if (number == 0 || (newest && number < progress.attempt.number)) continue;
    newest = &job;
    progress.attempt = {number, annotation(job, kFormerReason), annotation(job, kFormerMessage)};
  }
  if (!newest) return progress;
  if (k8s::has_condition(*newest, "Complete")) {
    progress.problem.reset();
    return progress;
  }
  progress.problem = told.problem(*newest, pods_of(*newest, pods));
  if (!k8s::has_condition(*newest, "Failed")) return progress;
  const auto due =
      ended_at(*k8s::condition_of(*newest, "Failed"), now) + pause_after(progress.attempt.number);
  // At least one pass later, and never longer than the pause, whatever the clocks of others say.
  const auto wait = std::chrono::ceil<milliseconds>(due - now);
  if (wait.count() > 0) {
    progress.look_again = std::min<milliseconds>(wait, pause_after(progress.attempt.number));
    return progress;
  }
  progress.attempt = {progress.attempt.number % kMostAttempts + 1, progress.problem->reason,
                      progress.problem->message};
  return progress;
}

std::vector<Object> owned(const Caches& caches, const PromptSales& app, const k8s::Kind& kind) {
  std::vector<Object> documents;
  for (const auto& object : caches.of(kind).of_app(app.key.namespace_, app.key.name))
    if (kind == k8s::kinds::kPod || object->owner_uid == app.uid) documents.push_back(object->document());
  return documents;
}

}  // namespace promptsales::controllers
