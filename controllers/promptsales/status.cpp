#include "controllers/promptsales/status.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/strings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/retention.hpp"
#include "controllers/promptsales/volume.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using State = Readiness::State;

constexpr std::size_t kMaxMessage = 1024;

/// Conditions as they are collected, each keeping its time while its status stays.
class Conditions {
 public:
  explicit Conditions(const PassReport& report) : report_(report) {}

  void set(std::string_view type, std::string_view status, const std::string& reason,
           const std::string& message) {
    const Json* before = k8s::condition_in(report_.app.status, type);
    // The status that the CRD gives a new resource was said by nobody: it has no generation, and a time in
    // 1970.
    const bool same =
        before && before->contains("observedGeneration") && k8s::string_at(*before, {"status"}) == status;
    list_.push_back(
        {{"type", type},
         {"status", status},
         {"reason", reason},
         {"message", cut_text(message, kMaxMessage)},
         {"observedGeneration", report_.app.generation},
         {"lastTransitionTime", same ? k8s::string_at(*before, {"lastTransitionTime"}) : report_.now}});
  }

  /// What was said of a part that this pass has not looked at holds, about the generation that it was said
  /// of.
  void keep(std::string_view type) {
    if (const Json* before = k8s::condition_in(report_.app.status, type)) list_.push_back(*before);
  }

  [[nodiscard]] Json take() { return std::move(list_); }

 private:
  const PassReport& report_;
  Json list_ = Json::array();
};

bool is_worse(const Readiness& one, const Readiness& other) {
  return std::pair{one.state, one.stalled} > std::pair{other.state, other.stalled};
}

/// What a condition is about: a component, or (nothing) the autoscaler, of which the backend's own condition does not
/// tell.
using Subject = std::optional<Component>;

bool concerns(const Subject& subject, const Child& child) {
  const bool scales = is_autoscaler(child.kind);
  return subject ? child.component == *subject && !scales : scales;
}

/// The part of the subject that is worst: failed before progressing before ready.
Readiness worst_of(const PassReport& report, const Subject& subject) {
  Readiness worst;
  for (const auto& [child, readiness] : report.children)
    if (concerns(subject, *child) && is_worse(readiness, worst)) worst = readiness;
  for (const auto& [component, readiness] : report.problems)
    if (subject == component && is_worse(readiness, worst)) worst = readiness;
  return worst;
}

/// What Ready is made of. An autoscaler that cannot scale keeps the replicas there are, which is no reason to
/// be not ready; one that could not be made is.
Readiness summary_of(const PassReport& report) {
  Readiness worst;
  const auto count_problems = [&](State least) {
    for (const auto& [component, readiness] : report.problems)
      if (readiness.state >= least && is_worse(readiness, worst)) worst = readiness;
  };
  count_problems(State::kFailed);  // first: they may be why a pod is not ready
  for (const auto& [child, readiness] : report.children) {
    const bool counts = !is_autoscaler(child->kind) || readiness.state == State::kFailed;
    if (counts && is_worse(readiness, worst)) worst = readiness;
  }
  if (report.tls && is_worse(report.tls->readiness, worst)) worst = report.tls->readiness;
  count_problems(State::kProgressing);
  if (report.unasked && is_worse(*report.unasked, worst)) worst = *report.unasked;
  if (report.left_over && worst.state < State::kFailed)
    worst = {State::kFailed, report.left_over->reason, report.left_over->message};
  return worst;
}

bool has(const PassReport& report, const Subject& subject) {
  return std::ranges::any_of(report.children,
                             [&](const auto& each) { return concerns(subject, *each.child); }) ||
         !worst_of(report, subject).ready();
}

struct Part {
  std::string_view type;
  Subject subject;
  const char* reason;  ///< when it is well
  const char* message;
};

constexpr std::array<Part, 5> kParts{{
    {"DatabaseReady", Component::kDatabase, "Available",
     "the database is bound, and serves where the operator runs it"},
    {"CacheReady", Component::kCache, "Available",
     "the cache is bound, and serves where the operator runs it"},
    {"MessagingReady", Component::kMessaging, "Available",
     "messaging is bound, and serves where the operator runs it"},
    {"BackendAvailable", Component::kBackend, "Available", "all replicas run the newest revision and serve"},
    {"AutoscalingActive", std::nullopt, "Scaling", "the autoscaler keeps the number of replicas"},
}};

/// Where the data is of a server that the operator runs, and what becomes of it: said while the resource lives,
/// since an Event tells only if the operator sees the deletion. Empty if it holds none.
std::string kept_data(const PassReport& report, const Part& part) {
  for (const auto& [child, readiness] : report.children) {
    const bool holds_data = child->kind == k8s::kinds::kStatefulSet &&
                            child->component != Component::kCache && concerns(part.subject, *child);
    if (holds_data)
      return "; its data is in PersistentVolumeClaim " + claim_name(report.app, child->component) +
             (data_goes(report.effective, child->component) ? ", which is deleted with this resource"
                                                            : ", which stays when this resource is deleted");
  }
  return "";
}

/// What a person should know of a part that is well.
std::string remarks_on(const PassReport& report, const Part& part) {
  std::string remarks;
  for (const auto& [child, readiness] : report.children)
    if (concerns(part.subject, *child) && !readiness.message.empty()) remarks += "; " + readiness.message;
  return remarks;
}

/// Of the certificate and the objects that hold it.
Readiness tls_readiness(const PassReport& report) {
  Readiness worst = worst_of(report, Component::kTls);
  return report.tls && is_worse(report.tls->readiness, worst) ? report.tls->readiness : worst;
}

void add_tls(Conditions& conditions, const PassReport& report) {
  if (report.stopped && k8s::condition_in(report.app.status, "TLSReady")) {
    conditions.keep("TLSReady");
  } else if (report.effective.tls == TlsType::kDisabled) {
    conditions.set("TLSReady", "False", "Disabled",
                   "spec.tls.type is Disabled: the backend serves plain HTTP inside the cluster; end TLS in "
                   "front of it");
  } else if (!report.tls) {
    return;  // stopped before anything was known of it
  } else if (const Readiness readiness = tls_readiness(report); !readiness.ready()) {
    conditions.set("TLSReady", "False", readiness.reason, readiness.message);
  } else {
    conditions.set("TLSReady", "True",
                   std::string{report.tls->expires_soon ? tls::kExpiresSoon : tls::kValid},
                   report.tls->message);
  }
}

/// status.tls: what is known of the certificate in use.
Json tls_status(const tls::Report& report) {
  Json status = Json::object();
  if (!report.not_after.empty()) status["notAfter"] = report.not_after;
  if (report.ca_generation > 0) status["caGeneration"] = report.ca_generation;
  if (!report.phase.empty()) status["phase"] = report.phase;
  return status;
}

void add_budget(Conditions& conditions, const ConnectionBudget& budget) {
  using enum ConnectionBudget::State;
  if (budget.state == kWithin) conditions.set("ConnectionBudget", "True", "WithinBudget", budget.message);
  if (budget.state == kUnknown) conditions.set("ConnectionBudget", "Unknown", "LimitUnknown", budget.message);
  if (budget.state == kExceeded)
    conditions.set("ConnectionBudget", "False", "ConnectionBudgetExceeded", budget.message);
}

/// A move is not over before all of its steps are, however well everything serves in between.
Readiness with_move(const Readiness& worst, const std::optional<TierMove>& move) {
  if (!worst.ready() || !move) return worst;
  const auto& [from, to] = std::tie(move->now.from, move->now.to);
  return {State::kProgressing, "TierMove",
          "the move from tier " + std::string{text_of(from)} + " to " + std::string{text_of(to)} +
              (move->now.reverting ? " is being undone" : " is under way") + ", step " +
              text_of(move->now.step, move->now.reverting)};
}

void add_summary(Conditions& conditions, const Readiness& worst, const std::optional<Error>& stopped,
                 const std::optional<ConnectionBudget>& budget) {
  const bool needs_a_person = stopped && stopped->remedy == Remedy::kWaitForSpecChange;
  if (stopped && stopped->reason == kSuspended) {
    conditions.set("Ready", "Unknown", stopped->reason, stopped->message);
  } else if (stopped) {
    conditions.set(needs_a_person ? "Stalled" : "Reconciling", "True", stopped->reason, stopped->message);
    conditions.set("Ready", "False", stopped->reason, stopped->message);
  } else if (budget && budget->exceeded() && worst.state != State::kFailed) {
    conditions.set("Stalled", "True", "ConnectionBudgetExceeded", budget->message);
    conditions.set("Ready", "False", "ConnectionBudgetExceeded", budget->message);
  } else if (!worst.ready()) {
    conditions.set(worst.stalled ? "Stalled" : "Reconciling", "True", worst.reason, worst.message);
    conditions.set("Ready", "False", worst.reason, worst.message);
  } else {
    conditions.set("Ready", "True", "Ready", "everything that the spec asks for is there and serves");
  }
}

/// What the status said before, where this pass has looked at nothing.
Json former(const PassReport& report, const char* field) {
  const auto found = report.app.status.find(field);
  return report.app.status.is_object() && found != report.app.status.end() ? *found : Json{};
}

Json conditions_of(const PassReport& report, const Readiness& worst) {
  Conditions conditions{report};
  add_summary(conditions, worst, report.stopped, report.budget);
  for (const Part& part : kParts) {
    if (report.stopped) {
      if (report.without_login && part.subject == report.without_login)
        conditions.set(part.type, "False", report.stopped->reason, report.stopped->message);
      else
        conditions.keep(part.type);  // what runs was left untouched
      continue;
    }
    if (!has(report, part.subject)) continue;
    const Readiness readiness = worst_of(report, part.subject);
    readiness.ready() ? conditions.set(part.type, "True", part.reason,
                                       part.message + kept_data(report, part) + remarks_on(report, part))
                      : conditions.set(part.type, "False", readiness.reason, readiness.message);
  }
  report.budget ? add_budget(conditions, *report.budget) : conditions.keep("ConnectionBudget");
  add_tls(conditions, report);
  return conditions.take();
}

Json to_status(const Cost& cost) {
  Json json{{"monthlyMin", cost.monthly_min}, {"monthlyMax", cost.monthly_max}, {"current", cost.current}};
  if (!cost.currency.empty()) json["currency"] = cost.currency;
  return json;
}

std::string reason_of(const Json& status) {
  const Json* ready = k8s::condition_in(status, "Ready");
  return ready ? k8s::string_at(*ready, {"reason"}) : "";
}

/// Whether a part was well and is not any more, or, while something fails, is not well for another reason:
/// what fails second is not what Ready tells of.
bool has_worsened(const Json& before, const Json& now, bool failing) {
  const Json* conditions = k8s::at_path(now, {"conditions"});
  return std::ranges::any_of(*conditions, [&](const Json& each) {
    const Json* former = k8s::condition_in(before, k8s::string_at(each, {"type"}));
    if (k8s::string_at(each, {"status"}) != "False" || !former) return false;
    const bool same_reason = k8s::string_at(*former, {"reason"}) == k8s::string_at(each, {"reason"});
    return k8s::string_at(*former, {"status"}) == "True" || (failing && !same_reason);
  });
}

/// Whether a person must see this now: see docs/adr/0003-progress-is-not-news.md.
StatusUpdate update_of(const PassReport& report, Json status, const Readiness& worst) {
  const bool ready = condition_status(status, "Ready") == "True";
  const bool turned = ready != (condition_status(report.app.status, "Ready") == "True");
  const bool suspended = report.stopped && report.stopped->reason == kSuspended;
  const bool starved = report.budget && report.budget->exceeded();
  const bool failing = !suspended && (report.stopped || starved || worst.state == State::kFailed);
  const bool edited = k8s::integer_at(report.app.status, {"observedGeneration"}, -1) != report.app.generation;
  // Other words for the same failure (another pod, one restart more) can wait like any progress.
  const bool newly_failing = failing && (edited || reason_of(status) != reason_of(report.app.status));
  // Somebody has changed the spec and waits for the word that it is in force.
  const bool in_force = (ready || suspended) && edited;
  // What the next pass does follows from it.
  const auto step_of = [](const Json& of) { return k8s::string_at(of, {"transition", "step"}); };
  const bool moved = step_of(status) != step_of(report.app.status);
  const bool worse = has_worsened(report.app.status, status, failing);
  if (turned || newly_failing || in_force || moved || (worse && failing))
    return {std::move(status), Urgency::kNow, failing};
  const bool may_need_help = worse || worst.state == State::kWaiting;
  return {std::move(status), may_need_help ? Urgency::kSoon : Urgency::kProgress, failing};
}

}  // namespace

bool is_autoscaler(const k8s::Kind& kind) {
  return kind == k8s::kinds::kHorizontalPodAutoscaler || kind == kScaledObject;
}

std::string condition_status(const Json& status, std::string_view type) {
  const Json* condition = k8s::condition_in(status, type);
  return condition ? k8s::string_at(*condition, {"status"}) : "";
}

StatusUpdate status_of(const PassReport& report) {
  const Readiness worst = with_move(summary_of(report), report.move);
  Json status{{"observedGeneration", report.app.generation}, {"conditions", conditions_of(report, worst)}};
  if (report.stopped) {
    for (const char* field : {"effective", "backend", "bindings", "cost", "transition", "tls"})
      if (Json value = former(report, field); !value.is_null()) status[field] = std::move(value);
    return update_of(report, std::move(status), worst);
  }
  status["effective"] = to_status(report.effective);
  if (report.move && report.move->next) status["transition"] = to_status(*report.move->next);
  if (report.move && !report.move->next) status["effective"]["tier"] = text_of(report.move->now.reached());
  status["backend"] = {
      {"replicas", report.replicas}, {"readyReplicas", report.ready_replicas}, {"url", report.url}};
  if (!report.image.empty()) status["backend"]["image"] = report.image;
  if (report.url.empty()) status["backend"].erase("url");  // it has never served
  Json bindings = Json::array();
  for (const auto& [name, secret, hash] : report.bindings)
    bindings.push_back({{"name", name}, {"secretName", secret}, {"hash", hash}});
  if (!bindings.empty()) status["bindings"] = std::move(bindings);
  if (report.cost) status["cost"] = to_status(*report.cost);
  if (report.tls)
    if (Json certificate = tls_status(*report.tls); !certificate.empty())
      status["tls"] = std::move(certificate);
  return update_of(report, std::move(status), worst);
}

}  // namespace promptsales::controllers
