#include "controllers/promptsales/rotation.hpp"

#include <spdlog/spdlog.h>

#include "base/strings.hpp"
#include "controllers/promptsales/attempts.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/password.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/annotation.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

using k8s::annotation;
using k8s::string_at;
using k8s::kinds::kSecret;

constexpr std::size_t kHashDigits = 8;
/// How long until a Secret that was made in a pass is in the cache.
constexpr std::chrono::seconds kLoginMade{1};
/// How long until what the API server has not taken is sent again.
constexpr std::chrono::seconds kSentAgain{5};
constexpr const char* kMadeWith = "promptsales.io/binding-hash-cache";

std::optional<Credentials>& login_of(Inputs& inputs, Component component) {
  if (component == Component::kMessaging) return inputs.messaging;
  return component == Component::kDatabase ? inputs.database : inputs.cache;
}

void waits(Pass& pass, Component component, std::string why) {
  pass.rotating.insert_or_assign(
      component, Error{Remedy::kWaitForChange, std::string{kPasswordRotation}, std::move(why)});
}

k8s::ProjectionPtr secret_of(const Pass& pass, const RotationParts& parts, const std::string& name) {
  return parts.caches.of(kSecret).find({pass.app.key.namespace_, name});
}

/// A password of the login as a Secret holds it.
std::string entry(const k8s::ProjectionPtr& secret, const char* key) {
  return secret ? bindings::value_of(bindings::entries_in(secret->document()), key) : "";
}

/// The login that a service takes beside the one in use, as the Secret of that one keeps it (login_entries()).
std::optional<Credentials> former_login(const k8s::ProjectionPtr& secret) {
  const std::string user = entry(secret, kOtherUsername);
  return user.empty() ? std::nullopt : std::optional{Credentials{user, entry(secret, kOtherPassword)}};
}

TaskWords words_of(Component component, bool retires) {
  const std::string service = "the " + std::string{text_of(component)};
  if (retires)
    return {.under_way = kPasswordRotation,
            .refused = kPasswordRotation,  // it is tried until nobody is connected any more
            .unfinished = kPasswordRotationFailed,
            .does = "has " + service + " forget the former password; pods have the new one",
            .failed = "pods have the new password, and " + service + " takes the former one still",
            .again = "it is tried again every minute"};
  return {
      .under_way = kPasswordRotation,
      .refused = kPasswordRotationFailed,
      .unfinished = kPasswordRotationFailed,
      .does = "has " + service + " take a new password beside the one in use" +
              (component == Component::kCache ? ", when the kubelet has brought it, within two minutes" : ""),
      .failed = service + " has no new password yet, and pods go on with the one that they have",
      .again = "it is tried again every minute"};
}

/// The Secret of the login that is to come, once it has been made.
k8s::ProjectionPtr next_login_secret(const Pass& pass, const RotationParts& parts, Component component) {
  auto secret = secret_of(pass, parts, next_login_name(pass.app, component));
  return secret && secret->owner_uid == pass.app.uid && !secret->deleting ? secret : nullptr;
}

/// The login that is to come: as its Secret has it, else a new one.
Result<Credentials> next_login(const Pass& pass, const RotationParts& parts, Component component,
                               const Credentials& now) {
  if (const auto secret = next_login_secret(pass, parts, component))
    return Credentials{entry(secret, "username"), entry(secret, "password")};
  auto password = random_password();
  if (!password) return Failure{password.error()};
  return Credentials{next_role(now.username), std::move(*password)};
}

/// How far the task is that `pass.inputs.rotations` asks for; true when it is done.
bool is_done(Pass& pass, const RotationParts& parts, Component component) {
  Rotation& rotation = pass.inputs.rotations.at(component);
  const auto progress = progress_of(pass.app, rotation_name(pass.inputs, component),
                                    owned(parts.caches, pass.app, k8s::kinds::kJob),
                                    owned(parts.caches, pass.app, k8s::kinds::kPod),
                                    words_of(component, !rotation.next), parts.clock.wall());
  rotation.attempt = progress.attempt;
  if (progress.problem) pass.rotating.insert_or_assign(component, *progress.problem);
  if (progress.look_again) pass.look_again_in(*progress.look_again);
  return !progress.problem;
}

/// The patch of a login's Secret; what it is part of stays as it is until the server has taken it.
bool amended(Pass& pass, const RotationParts& parts, const k8s::Projection& secret, Json patch) {
  const auto done = parts.writer.amend(secret, std::move(patch));
  if (done) return true;
  waits(pass, Component::kDatabase,
        "Secret " + secret.key.str() + " could not be changed: " + done.error().message +
            "; it is tried again");
  pass.look_again_in(kSentAgain);
  return false;
}

/// Step 1 begins: true when there is a login that is to come, which is then in `next`.
Result<bool> is_to_come(Pass& pass, const RotationParts& parts, Component component, Credentials& next) {
  for (const auto* kind : {&k8s::kinds::kJob, &k8s::kinds::kPod})
    if (auto known = parts.caches.complete(*kind); !known) return Failure{known.error()};
  const auto& now = *login_of(pass.inputs, component);
  auto to_come = next_login(pass, parts, component, now);
  if (!to_come) return Failure{to_come.error()};
  if (to_come->password == now.password) {  // left over from the last time: it goes first
    waits(pass, component,
          "Secret " + next_login_name(pass.app, component) + " of the last rotation is about to be deleted");
    return false;
  }
  next = *to_come;
  pass.inputs.rotations[component] = {.next = std::move(*to_come), .attempt = {}};
  return true;
}

/// Step 1: true when the server knows the login that is to come, which is then in `next`.
Result<bool> is_taught(Pass& pass, const RotationParts& parts, Component component, Credentials& next) {
  auto comes = is_to_come(pass, parts, component, next);
  return comes && *comes ? is_done(pass, parts, component) : comes;
}

/// The login of a volume that somebody has discarded goes with it (Reconciler::credentials). It is written before
/// there is another volume, which could not be told from the former one.
Result<void> begin_with_the_owner(Pass& pass, const RotationParts& parts, const k8s::Projection& secret) {
  const std::string& owner = pass.inputs.database->username;
  auto done = parts.writer.amend(secret, {{"metadata", {{"annotations", {{kRetiring, nullptr}}}}},
                                          {"data", bindings::secret_data({{"username", owner}})}});
  if (done) return {};
  return failure(
      Remedy::kRetryWithBackoff, done.error().reason,
      "Secret " + secret.key.str() +
          " names a login of a volume that is gone, and could not be changed: " + done.error().message);
}

Result<void> replace_database_login(Pass& pass, const RotationParts& parts) {
  const auto secret = secret_of(pass, parts, child_name(pass.app, Component::kDatabase));
  const std::string kept = entry(secret, "username");
  const std::string& owner = pass.inputs.database->username;
  if (kept != owner && (kept == next_role(owner) || kept == next_role(next_role(owner))))
    return begin_with_the_owner(pass, parts, *secret);
  const std::string asked = rotation_asked(pass.app, Component::kDatabase);
  if (!secret || asked.empty() || asked == annotation(secret, kRotated)) return {};
  if (!annotation(secret, kRetiring).empty()) return {};
  Credentials next;
  const auto taught = is_taught(pass, parts, Component::kDatabase, next);
  if (!taught || !*taught) return taught ? Result<void>{} : Failure{taught.error()};
  const bool changed = amended(
      pass, parts, *secret,
      {{"metadata", {{"annotations", {{kRotated, asked}, {kRetiring, pass.inputs.database->username}}}}},
       {"data", bindings::secret_data({{"username", next.username}, {"password", next.password}})}});
  if (!changed) return {};
  pass.inputs.rotations.erase(Component::kDatabase);
  pass.inputs.database = std::move(next);
  return {};
}

/// What the cache's pod was started with, as its StatefulSet says.
std::optional<std::string> made_with(const Pass& pass, const RotationParts& parts) {
  const auto server = parts.caches.of(k8s::kinds::kStatefulSet)
                          .find({pass.app.key.namespace_, child_name(pass.app, Component::kCache)});
  if (!server) return std::nullopt;
  const std::string digest =
      string_at(server->document(), {"spec", "template", "metadata", "annotations", kMadeWith});
  return digest.empty() ? std::nullopt : std::optional{digest};
}

Result<void> replace_cache_login(Pass& pass, const RotationParts& parts) {
  auto& inputs = pass.inputs;
  const auto secret = secret_of(pass, parts, child_name(pass.app, Component::kCache));
  const std::string asked = rotation_asked(pass.app, Component::kCache);
  inputs.cache_rotated = secret ? annotation(secret, kRotated) : asked;
  inputs.cache_other = former_login(secret);
  const bool begins = secret && !inputs.cache_other && asked != inputs.cache_rotated;
  // The server is told of its passwords, and reads them when it starts anew for another reason.
  if (secret && (begins || !inputs.cache_rotated.empty())) inputs.cache_made_with = made_with(pass, parts);
  if (!begins || asked.empty()) return {};
  Credentials next;
  const auto taught = is_taught(pass, parts, Component::kCache, next);
  if (!taught) return Failure{taught.error()};
  const bool is_kept = *taught || next_login_secret(pass, parts, Component::kCache);
  if (!is_kept) pass.look_again_in(kLoginMade);
  if (!next.username.empty() && is_kept) inputs.cache_other = *taught ? inputs.cache : next;
  if (!*taught) return {};
  inputs.rotations.erase(Component::kCache);
  inputs.cache_rotated = asked;
  inputs.cache = std::move(next);
  return {};
}

/// Whether NATS runs with the file that is wanted.
bool has_started_with_it(const Pass& pass, const RotationParts& parts) {
  const auto server = parts.caches.of(k8s::kinds::kStatefulSet)
                          .find({pass.app.key.namespace_, child_name(pass.app, Component::kMessaging)});
  const auto wanted = children::messaging_server.desired(pass.inputs);
  if (!server || server->owner_uid != pass.app.uid || !wanted) return false;
  const auto file = [](const Object& object) {
    return string_at(object, {"spec", "template", "metadata", "annotations", kMessagingFile});
  };
  const Object live = server->document();
  return file(live) == file(*wanted) && stateful_set_readiness(live, pass.inputs, {}).ready();
}

Result<void> replace_messaging_login(Pass& pass, const RotationParts& parts) {
  auto& inputs = pass.inputs;
  const auto secret = secret_of(pass, parts, child_name(pass.app, Component::kMessaging));
  const std::string asked = rotation_asked(pass.app, Component::kMessaging);
  inputs.messaging_rotated = secret ? annotation(secret, kRotated) : asked;
  inputs.messaging_other = former_login(secret);
  if (!secret || inputs.messaging_other || asked.empty() || asked == inputs.messaging_rotated) return {};
  Credentials next;
  const auto comes = is_to_come(pass, parts, Component::kMessaging, next);
  if (!comes || !*comes) return comes ? Result<void>{} : Failure{comes.error()};
  // Until it is kept it would be another one in each pass, and each time the server would start anew.
  if (!next_login_secret(pass, parts, Component::kMessaging)) {
    waits(pass, Component::kMessaging,
          "Secret " + next_login_name(inputs.app, Component::kMessaging) + " is made");
    pass.look_again_in(kLoginMade);
    return {};
  }
  inputs.messaging_other = std::move(next);
  if (!has_started_with_it(pass, parts)) {
    waits(pass, Component::kMessaging, "messaging starts anew, to take a new password beside the one in use");
    return {};
  }
  inputs.rotations.erase(Component::kMessaging);
  inputs.messaging_rotated = asked;
  std::swap(inputs.messaging, inputs.messaging_other);
  return {};
}

/// Whether pods have the login in use, and nothing else.
bool is_everywhere(Pass& pass, Component component) {
  const auto binding = pass.bindings.find(component);
  if (binding == pass.bindings.end() || !pass.inputs.bindings.contains(component)) return false;
  const bool in_use = !binding->second.problem && binding->second.candidate == binding->second.existing;
  if (in_use && !pass.uses_former) return true;
  if (!binding->second.problem)
    waits(pass, component, "pods are given the new password of the " + std::string{text_of(component)});
  return false;
}

bool is_retired(Pass& pass, const RotationParts& parts, Component component) {
  if (!is_everywhere(pass, component)) return false;
  pass.inputs.rotations[component] = {.next = std::nullopt, .attempt = {}};
  return is_done(pass, parts, component);
}

}  // namespace

std::string next_role(const std::string& role) {
  const std::string owner{bindings::kDatabaseUser};
  return owner + (role == owner + "_a" ? "_b" : "_a");
}

std::string next_login_name(const PromptSales& app, Component component) {
  return child_name(app, component) + "-next";
}

bindings::Entries login_entries(const Inputs& inputs, Component component, const Credentials& login,
                                const std::optional<Credentials>& other) {
  bindings::Entries entries{{"username", login.username}, {"password", login.password}};
  const auto rotation = inputs.rotations.find(component);
  const bool is_to_come = rotation != inputs.rotations.end() && rotation->second.next;
  if (is_to_come || !other) return entries;
  entries[kOtherUsername] = other->username;
  entries[kOtherPassword] = other->password;
  return entries;
}

std::string rotation_name(const Inputs& inputs, Component component) {
  const auto& next = inputs.rotations.at(component).next;
  const auto& login = next ? *next : component == Component::kDatabase ? *inputs.database : *inputs.cache;
  const auto digest = k8s::digest_of({{"username", login.username}, {"password", login.password}});
  return inputs.app.key.name + (next ? "-rotate-" : "-retire-") + digest.substr(0, kHashDigits);
}

std::string rotation_asked(const PromptSales& app, Component component) {
  const auto found = app.annotations.find(component == Component::kDatabase ? kRotateDatabase
                                          : component == Component::kCache  ? kRotateCache
                                                                            : kRotateMessaging);
  return found == app.annotations.end() ? "" : found->second;
}

Result<void> replace_logins(Pass& pass, const RotationParts& parts) {
  if (runs_database(pass.inputs))
    if (auto done = replace_database_login(pass, parts); !done) return done;
  if (runs_cache(pass.inputs))
    if (auto done = replace_cache_login(pass, parts); !done) return done;
  return pass.inputs.messaging ? replace_messaging_login(pass, parts) : Result<void>{};
}

void retire_logins(Pass& pass, const RotationParts& parts) {
  if (runs_database(pass.inputs)) {
    const auto secret = secret_of(pass, parts, child_name(pass.app, Component::kDatabase));
    if (!annotation(secret, kRetiring).empty() && is_retired(pass, parts, Component::kDatabase) &&
        amended(pass, parts, *secret, {{"metadata", {{"annotations", {{kRetiring, nullptr}}}}}}))
      pass.inputs.rotations.erase(Component::kDatabase);
  }
  const bool overlaps = runs_cache(pass.inputs) && pass.inputs.cache_other &&
                        !pass.inputs.rotations.contains(Component::kCache);
  if (overlaps && is_retired(pass, parts, Component::kCache)) {
    pass.inputs.rotations.erase(Component::kCache);
    pass.inputs.cache_other.reset();
  }
  if (pass.inputs.messaging_other && !pass.inputs.rotations.contains(Component::kMessaging) &&
      is_everywhere(pass, Component::kMessaging))
    pass.inputs.messaging_other.reset();
}

}  // namespace promptsales::controllers
