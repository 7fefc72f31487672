#include "controllers/promptsales/migration.hpp"

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/annotation.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using k8s::has_condition;
using k8s::integer_at;
using k8s::string_at;

constexpr std::size_t kHashDigits = 10;

/// An attempt waits up to two minutes for its database, and the next one up to five: sooner would be no new start.
constexpr auto kAgainAfter = std::chrono::minutes{10};

/// Its pods, and not those of a former Job, which may have had the same name.
std::vector<Object> attempts_of(const Object& job, const Observed& observed) {
  const std::string uid = string_at(job, {"metadata", "uid"});
  std::vector<Object> attempts;
  for (const Object& pod : observed.pods)
    if (string_at(pod, {"metadata", "labels", "batch.kubernetes.io/controller-uid"}) == uid)
      attempts.push_back(pod);
  return attempts;
}

std::string why(const std::optional<LastWords>& words) { return words ? words->text() : "its pods are gone"; }

Readiness failure_of(const Object& job, const std::optional<LastWords>& words, bool given_up) {
  const std::string name = string_at(job, {"metadata", "name"});
  const std::string goes_on = "what runs goes on with its image";
  const std::string again = "; it is tried again every ten minutes, and at once after kubectl -n " +
                            string_at(job, {"metadata", "namespace"}) + " delete job " + name;
  Readiness failed{.state = Readiness::State::kFailed,
                   .reason = "MigrationFailed",
                   .message = goes_on + "; Job " + name,
                   .stalled = given_up};
  if (words && words->exit_code == kSchemaNewer) {
    failed.reason = "DowngradeRefused";
    failed.message = goes_on + ": " + words->message + again;
  } else if (given_up) {
    failed.message += " has given up: " + why(words) + "; mend that" + again;
  } else {
    failed.message += " tries again: " + why(words) + "; mend that";
  }
  return failed;
}

/// The Job's controller has looked at it, and it has neither a pod nor an end.
bool has_no_pod(const Object& job, const Inputs& inputs, const std::vector<Object>& attempts) {
  const auto count = [&](const char* of) { return integer_at(job, {"status", of}); };
  return !string_at(job, {"status", "startTime"}).empty() &&
         count("active") + count("succeeded") + count("failed") == 0 &&
         !has_pods(attempts, inputs.app, Component::kMigration);
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
  const auto attempts = attempts_of(job, observed);
  const auto words = last_words(attempts);
  if (has_condition(job, "Failed")) return failure_of(job, words, /*given_up=*/true);
  if (auto failure = pod_failure(attempts, inputs.app, Component::kMigration)) return *failure;
  if (words) return failure_of(job, words, /*given_up=*/false);
  if (has_no_pod(job, inputs, attempts)) return pods_not_made(job);
  return {Readiness::State::kProgressing, "Migrating",
          "Job " + string_at(job, {"metadata", "name"}) + " brings the schema up to date"};
}

std::string migrated_binding(const Inputs& inputs) {
  return k8s::digest_of(bindings::for_pods(inputs.bindings.at(Component::kDatabase)));
}

std::optional<Clock::WallTime> runs_again_at(const Object& job, const Inputs& inputs) {
  if (!has_condition(job, "Failed")) return std::nullopt;
  const auto since = [](const Json& condition) {
    return k8s::parse_time(string_at(condition, {"lastTransitionTime"}));
  };
  const auto ended = since(*k8s::condition_of(job, "Failed"));
  if (!ended) return Clock::WallTime{};  // nobody says when: there is nothing to wait for
  if (k8s::annotation(job, kMigratedBinding) != migrated_binding(inputs)) return ended;
  const Json* database = k8s::condition_in(inputs.app.status, "DatabaseReady");
  const bool has_come_back =
      database && string_at(*database, {"status"}) == "True" && since(*database) >= *ended;
  if (has_come_back) return ended;
  return *ended + kAgainAfter;
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
