#include "controllers/promptsales/pass_reporter.hpp"

#include <algorithm>

#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/bindings/provider.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/children/backend_autoscaler.hpp"
#include "controllers/promptsales/footprint.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/pods.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "controllers/promptsales/trial.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/response.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

using k8s::kinds::kPersistentVolumeClaim;
using k8s::kinds::kPod;
using k8s::kinds::kPromptSales;
using runtime::Next;

constexpr auto kAtOnce = std::chrono::milliseconds{1};
constexpr auto kNever = std::chrono::milliseconds::max();

Readiness failed(const Error& error) {
  if (is_passing(error) || error.reason == bindings::kProvisioning || error.reason == kBindingTrial ||
      error.reason == kPasswordRotation)
    return {Readiness::State::kProgressing, error.reason, error.message};
  return {Readiness::State::kFailed, error.reason, error.message, error.remedy == Remedy::kWaitForSpecChange};
}

/// A child of the component that is well, if there is one, says it too.
void remark(PassReport& report, Component component, const std::string& text) {
  const auto well = std::ranges::find_if(report.children, [&](const ChildReport& each) {
    return each.child->component == component && each.readiness.ready();
  });
  if (well == report.children.end()) return;
  std::string& message = well->readiness.message;
  message += (message.empty() ? "" : "; ") + text;
}

/// Whether the component's condition has this sentence.
bool says_of(const Json& status, Component component, const std::string& what) {
  const Json* said = k8s::condition_in(status, component == Component::kDatabase ? "DatabaseReady"
                                               : component == Component::kCache  ? "CacheReady"
                                                                                 : "MessagingReady");
  return said && k8s::string_at(*said, {"message"}).contains(what);
}

/// Of a request to replace a password that is not ours to replace.
void remark_on_rotation(PassReport& report, Component component, const char* annotation, bool embedded) {
  if (embedded || rotation_asked(report.app, component).empty()) return;
  remark(report, component,
         std::string{annotation} +
             " does nothing here, as only passwords of embedded services are replaced on request: change it "
             "where the service is run, and take the annotation off");
}

}  // namespace

PassReporter::PassReporter(Parts parts)
    : parts_(std::move(parts)), status_(parts_.client, parts_.caches, parts_.clock, parts_.may_write) {}

Observed PassReporter::observe(const Pass& pass) const {
  const auto& [ns, name] = pass.app.key;
  Observed observed{.now = parts_.clock.wall()};
  for (const auto& [child, key] : pass.desired) {
    const auto object = parts_.caches.of(child->kind).find(key);
    if (!object) continue;
    // That it is there is all that is asked of most: unpacking them was a third of a pass.
    const bool is_read = child->ready != &ready_when_present;
    observed.children[{child->kind.kind, key.name}] = is_read ? object->document() : Object::object();
  }
  for (const auto& claim : parts_.caches.of(kPersistentVolumeClaim).of_app(ns, name))
    observed.children[{kPersistentVolumeClaim.kind, claim->key.name}] = claim->document();
  observed.volumes_refused = pass.volumes_refused;
  for (const auto& pod : parts_.caches.of(kPod).of_app(ns, name)) observed.pods.push_back(pod->document());
  return observed;
}

Readiness PassReporter::readiness_of(const Pass& pass, const Child& child, const k8s::ObjectKey& key,
                                     const Observed& observed) const {
  if (const auto error = pass.failed.find(&child); error != pass.failed.end()) return failed(error->second);
  const Object* object = observed.find(child.kind, key.name);
  const std::string what = std::string{child.kind.kind} + " " + key.name;
  if (pass.waiting.contains(&child))
    return {Readiness::State::kProgressing, "Deleting",
            "a former " + what +
                " is still being deleted; if it stays, kubectl describe shows the finalizer that holds it"};
  if (!object) return {Readiness::State::kProgressing, "Creating", what + " is being made"};
  return child.ready(*object, pass.inputs, observed);
}

/// What a move between tiers looks at. An autoscaler that does not work is said by its own condition; one
/// that could not be written is something to wait for.
Seen PassReporter::seen_in(const PassReport& report, const Pass& pass) const {
  Seen seen{.replicas = report.replicas};
  const auto part_of = [&](Component component) -> Readiness& {
    return component == Component::kDatabase ? seen.database
           : component == Component::kCache  ? seen.cache
                                             : seen.backend;
  };
  const auto see = [](Readiness& part, const Readiness& readiness) {
    if (readiness.state > part.state) part = readiness;
  };
  for (const auto& [child, readiness] : report.children) {
    // A new image waits for the one, new entries of a binding for the other, and a move for neither.
    if (child->component == Component::kMigration || child->component == Component::kTask) continue;
    const bool scales = is_autoscaler(child->kind);
    if (scales && !pass.failed.contains(child)) continue;
    const bool is_being_made = readiness.ready() && !readiness.reason.empty();
    see(scales ? seen.autoscaler : part_of(child->component),
        is_being_made ? Readiness{Readiness::State::kProgressing, readiness.reason, readiness.message}
                      : readiness);
  }
  for (const auto& [component, readiness] : report.problems) see(part_of(component), readiness);
  return seen;
}

/// Why no backend was made, if that is so for want of a connection.
std::optional<Readiness> PassReporter::absent_backend(const Pass& pass) {
  if (pass.stopped || pass.deployment) return std::nullopt;
  for (const auto& [component, binding] : pass.bindings)
    if (binding.problem && !pass.inputs.bindings.contains(component))
      return Readiness{Readiness::State::kProgressing, binding.problem->reason,
                       "the backend is made when the " + std::string{text_of(component)} +
                           " is bound: " + binding.problem->message};
  return std::nullopt;
}

PassReport PassReporter::report(Pass& pass, const Result<void>& outcome) const {
  PassReport report{
      .app = pass.app, .effective = pass.inputs.effective, .now = k8s::time_text(parts_.clock.wall())};
  if (pass.stopped) report.stopped = outcome.error();
  report.without_login = pass.without_login;
  report.left_over = pass.left_over;
  report.tls = pass.tls;
  report.url =
      pass.backend_held ? k8s::string_at(pass.app.status, {"backend", "url"}) : public_url(pass.inputs);
  const Observed observed = observe(pass);
  for (const auto& awaited : {metrics_awaited(pass.inputs, observed), node_awaited(pass.inputs, observed)})
    if (awaited) pass.look_again_in(*awaited);
  for (const auto& [child, key] : pass.desired)
    report.children.push_back({child, readiness_of(pass, *child, key, observed)});
  if (const Object* deployment =
          observed.find(k8s::kinds::kDeployment, child_name(pass.app, Component::kBackend))) {
    report.replicas = k8s::integer_at(*deployment, {"status", "replicas"});
    report.ready_replicas = k8s::integer_at(*deployment, {"status", "readyReplicas"});
    report.image = running_image(observed.pods, pass.app);
  }
  if (pass.settings->prices) {
    const auto& exposure = pass.app.spec.exposure;
    report.cost = cost_of(report.effective, report.replicas,
                          exposure && exposure->type == ExposureType::kLoadBalancer, *pass.settings->prices);
  }
  if (auto absent = absent_backend(pass)) report.children.push_back({&children::backend_deployment, *absent});
  for (const auto& [component, binding] : pass.bindings)
    if (binding.problem) report.problems.emplace_back(component, failed(*binding.problem));
  for (const auto& [component, readiness] : pass.services) report.problems.emplace_back(component, readiness);
  report.unasked = pass.unasked;
  for (const auto& [component, what] : pass.ignored) remark(report, component, what);
  const auto& effective = pass.inputs.effective;
  remark_on_rotation(report, Component::kDatabase, kRotateDatabase,
                     effective.database.type == DatabaseType::kEmbedded);
  remark_on_rotation(report, Component::kCache, kRotateCache, effective.cache.type == CacheType::kEmbedded);
  remark_on_rotation(report, Component::kMessaging, kRotateMessaging,
                     effective.messaging.type == MessagingType::kEmbedded);
  for (const auto& [component, error] : pass.rotating) report.problems.emplace_back(component, failed(error));
  if (pass.plan.transition && !pass.stopped) report.move = move_after(pass.plan, seen_in(report, pass));
  if (!pass.stopped) report.budget = pass.plan.budget;
  for (const auto& [component, entries] : pass.inputs.bindings)
    report.bindings.push_back({std::string{text_of(component)}, child_name(pass.app, component) + "-binding",
                               "sha256:" + k8s::digest_of(bindings::for_pods(entries))});
  return report;
}

Result<Next> PassReporter::write(Pass& pass, const Result<void>& outcome) {
  const PassReport found = report(pass, outcome);
  const StatusUpdate update = status_of(found);
  if (found.move && found.move->moved()) pass.look_again = kAtOnce;
  if (pass.tls) tell_of_certificate(pass, *pass.tls);
  const auto held_back = status_.write(pass.app, update);
  if (!held_back) return Failure{asked_again(held_back.error())};
  if (!*held_back) tell(pass, update);
  // A migration that gave up waits for this (migration.hpp), and what is written here is no event for us.
  if (pass.migration_gave_up && !*held_back && condition_status(update.status, "DatabaseReady") == "True" &&
      condition_status(pass.app.status, "DatabaseReady") != "True")
    pass.look_again = kAtOnce;
  const auto again = std::min(held_back->value_or(kNever), pass.look_again.value_or(kNever));
  const bool suspended = !outcome && outcome.error().reason == kSuspended;
  if (!outcome && !suspended) {
    Error error = outcome.error();
    if (again != kNever && only_waits(error)) {  // for something else than what failed
      error.remedy = Remedy::kWaitForChange;
      error.retry_after = std::min(error.retry_after.value_or(again), again);
    }
    return Failure{std::move(error)};
  }
  return again == kNever ? Next::on_event() : Next::in(again);
}

/// Events for what has just been written, and for a certificate that nothing has renewed in time.
void PassReporter::tell_of_certificate(const Pass& pass, const tls::Report& report) {
  const runtime::ObjectReference about{kPromptSales, pass.app.key, pass.app.uid};
  const bool written = std::ranges::none_of(
      pass.failed, [](const auto& each) { return each.first->component == Component::kTls; });
  for (const std::string& reason : report.news)
    if (written)
      parts_.events.record(about, {.reason = reason, .action = "Certify", .message = report.message});
  const Json* before = k8s::condition_in(pass.app.status, "TLSReady");
  if (report.expires_soon && !(before && k8s::string_at(*before, {"reason"}) == tls::kExpiresSoon))
    parts_.events.record(about, {.warning = true,
                                 .reason = std::string{tls::kExpiresSoon},
                                 .action = "Certify",
                                 .message = report.message});
}

/// Events for what has just become so.
void PassReporter::tell(const Pass& pass, const StatusUpdate& update) {
  const Json* now = k8s::condition_in(update.status, "Ready");
  const Json* before = k8s::condition_in(pass.app.status, "Ready");
  const auto text = [](const Json* condition, const char* field) {
    return condition ? k8s::string_at(*condition, {field}) : std::string{};
  };
  const bool same =
      text(now, "status") == text(before, "status") && text(now, "reason") == text(before, "reason");
  const runtime::ObjectReference about{kPromptSales, pass.app.key, pass.app.uid};
  if (!same) {
    parts_.events.record(about, {.warning = update.failing,
                                 .reason = text(now, "reason"),
                                 .action = "Reconcile",
                                 .message = text(now, "message")});
  }
  for (const auto& [component, what] : pass.ignored)
    if (says_of(update.status, component, what) && !says_of(pass.app.status, component, what))
      parts_.events.record(about,
                           {.warning = true, .reason = "EntryIgnored", .action = "Bind", .message = what});
  const bool is_new_spec =
      k8s::integer_at(pass.app.status, {"observedGeneration"}, -1) != pass.app.generation;
  if (!pass.stopped && is_new_spec)  // and not again by an operator that starts anew
    if (const auto exceeded = over_budget(pass.plan.target))
      parts_.events.record(
          about,
          {.warning = true, .reason = "FootprintExceeded", .action = "Validate", .message = *exceeded});
}

}  // namespace promptsales::controllers
