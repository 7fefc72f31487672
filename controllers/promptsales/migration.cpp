#include "controllers/promptsales/migration.hpp"

#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using k8s::has_condition;
using k8s::integer_at;
using k8s::string_at;

constexpr std::size_t kHashDigits = 10;

/// How the newest attempt of the Job ended, if one has.
struct LastWords {
  std::string finished_at;
  std::int64_t exit_code = 0;
  std::string message;
};

std::optional<LastWords> last_words(const Observed& observed, const std::string& job) {
  std::optional<LastWords> last;
  for (const Object& pod : observed.pods) {
    if (string_at(pod, {"metadata", "labels", "batch.kubernetes.io/job-name"}) != job) continue;
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

std::string why(const std::optional<LastWords>& words) {
  if (!words) return "its pods are gone";
  if (!words->message.empty()) return words->message;
  return "it ended with exit code " + std::to_string(words->exit_code) + " and said nothing";
}

/// `given_up`: nothing but a person, or another spec, gets it going again.
Readiness failure_of(const std::string& job, const std::optional<LastWords>& words, bool given_up) {
  const std::string goes_on = "what runs goes on with its image";
  Readiness failed{.state = Readiness::State::kFailed,
                   .reason = "MigrationFailed",
                   .message = goes_on + "; Job " + job,
                   .stalled = given_up};
  if (words && words->exit_code == kSchemaNewer) {
    failed.reason = "DowngradeRefused";
    failed.message = goes_on + ": " + words->message;
  } else if (given_up) {
    failed.message +=
        " has given up: " + why(words) + "; mend that and delete the Job, which has it run again";
  } else {
    failed.message += " tries again: " + why(words) + "; mend that";
  }
  return failed;
}

/// The Job's controller has looked at it, and it has neither a pod nor an end.
bool has_no_pod(const Object& job, const Inputs& inputs, const Observed& observed) {
  const auto count = [&](const char* of) { return integer_at(job, {"status", of}); };
  return !string_at(job, {"status", "startTime"}).empty() &&
         count("active") + count("succeeded") + count("failed") == 0 &&
         !has_pods(observed.pods, inputs.app, Component::kMigration);
}

}  // namespace

std::string migration_job_name(const Inputs& inputs) {
  auto identity = inputs.bindings.at(Component::kDatabase);
  std::erase_if(identity, [](const auto& entry) {
    return entry.first != "host" && entry.first != "port" && entry.first != "database";
  });
  identity["image"] = inputs.effective.backend.image;
  return child_name(inputs.app, Component::kMigration) + "-" +
         k8s::digest_of(identity).substr(0, kHashDigits);
}

Readiness migration_readiness(const Object& job, const Inputs& inputs, const Observed& observed) {
  if (has_condition(job, "Complete")) return {};
  const std::string name = string_at(job, {"metadata", "name"});
  const auto words = last_words(observed, name);
  if (has_condition(job, "Failed")) return failure_of(name, words, /*given_up=*/true);
  if (auto failure = pod_failure(observed.pods, inputs.app, Component::kMigration)) return *failure;
  if (words) return failure_of(name, words, /*given_up=*/false);
  if (has_no_pod(job, inputs, observed)) return pods_not_made(job);
  return {Readiness::State::kProgressing, "Migrating", "Job " + name + " brings the schema up to date"};
}

std::optional<std::string> image_to_hold(const Inputs& inputs, const Object* deployment, const Object* job) {
  if (!inputs.bindings.contains(Component::kDatabase) || !deployment) return std::nullopt;
  std::string now =
      image_of(at_path(*deployment, {"spec", "template", "spec"}), text_of(Component::kBackend));
  if (now.empty() || now == inputs.effective.backend.image) return std::nullopt;
  if (job && has_condition(*job, "Complete")) return std::nullopt;
  return now;
}

}  // namespace promptsales::controllers
