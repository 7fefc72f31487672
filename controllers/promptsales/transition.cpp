#include "controllers/promptsales/transition.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "controllers/promptsales/connections.hpp"
#include "controllers/promptsales/tiers.hpp"

namespace promptsales::controllers {
namespace {

using k8s::string_at;

constexpr std::string_view kRevert = "Revert";
constexpr std::size_t kMaxBlockedBy = 1024;

/// In the order in which they are taken.
constexpr std::array<std::pair<Step, std::string_view>, 4> kSteps{{{Step::kHeadroom, "Headroom"},
                                                                   {Step::kRoll, "Roll"},
                                                                   {Step::kRollData, "RollData"},
                                                                   {Step::kShrink, "Shrink"}}};

std::size_t index_of(Step step) {
  const auto* found = std::ranges::find(kSteps, step, &decltype(kSteps)::value_type::first);
  PS_CHECK(found != kSteps.end());
  return static_cast<std::size_t>(found - kSteps.begin());
}

std::optional<Tier> tier_called(const std::string& text) {
  for (const auto& entry : enum_table(std::type_identity<Tier>{}))
    if (entry.text == text) return entry.value;
  return std::nullopt;
}

/// What an operator before this one, or this one a pass ago, has left in the status.
std::optional<Transition> recorded(const Json& status) {
  const auto from = tier_called(string_at(status, {"transition", "from"}));
  const auto to = tier_called(string_at(status, {"transition", "to"}));
  if (!from || !to) return std::nullopt;
  std::string step = string_at(status, {"transition", "step"});
  if (step.starts_with(kRevert)) step.erase(0, kRevert.size());
  const auto* known = std::ranges::find(kSteps, step, &decltype(kSteps)::value_type::second);
  return Transition{.from = *from,
                    .to = *to,
                    .step = known == kSteps.end() ? Step::kHeadroom : known->first,
                    .started_at = string_at(status, {"transition", "startedAt"})};
}

/// How many of `pods` may be away: percentages of a disruption budget are rounded up.
std::int64_t may_be_away(const std::string& max_unavailable, std::int64_t pods) {
  const std::int64_t number = std::stoll(max_unavailable);
  return max_unavailable.ends_with('%') ? (number * pods + 99) / 100 : number;
}

/// The limit for pods of both tiers side by side, 0 if it is not known: that of the tier that has the lower one, and
/// without what the former tier's poolers keep of the server until none of its pods is left.
std::int64_t limit_of_both(const Effective& from, const Effective& to) {
  const auto former = limit_for_pods(from.database);
  const auto next = limit_for_pods(to.database);
  if (former == 0 || next == 0) return std::max(former, next);
  const auto& poolers = from.database;
  const bool both_count = poolers.pooler_instances > 0 && to.database.pooler_instances == 0;
  const auto lent = both_count ? poolers.pooler_instances * pooler_connections(poolers) : 0;
  return std::min(former, next) - lent;
}

/// Never fewer pods than either tier has, and no more than the server has connections for while pods with the
/// larger pool are still there.
void widen(Effective& wide, const Effective& from, const Effective& to) {
  auto& backend = wide.backend;
  const auto larger_pool = std::max(from.database.pool_size, to.database.pool_size);
  const auto most = std::max(from.backend.max_replicas, to.backend.max_replicas);
  const auto fits = most_replicas(limit_of_both(from, to), larger_pool);
  backend.max_replicas = std::max(from.backend.max_replicas, fits ? std::min(most, *fits) : most);
  backend.min_replicas =
      std::min(backend.max_replicas, std::max(from.backend.min_replicas, to.backend.min_replicas));
  backend.max_surge = surge_of(backend.max_replicas);
}

/// The pool of pods that are made in the course of the move, the same in all of its steps: no larger than in either
/// tier, nor than fits beside those of the former one.
std::int64_t pool_of_both(const Effective& from, const Effective& to) {
  Effective wide = to;
  widen(wide, from, to);
  return std::min({from.database.pool_size, to.database.pool_size,
                   pool_for(wide.backend.max_replicas + wide.backend.max_surge, limit_of_both(from, to))});
}

std::string sentence(const Readiness& readiness) { return readiness.reason + ": " + readiness.message; }

/// A volume that cannot grow, and shards that a cache has or is not given, are said elsewhere: nothing else waits for them.
bool is_well(const Readiness& data) {
  constexpr std::array kSaidElsewhere{"VolumeNotExpandable", "CacheSharded", "NotImplemented"};
  return data.ready() || std::ranges::find(kSaidElsewhere, data.reason) != kSaidElsewhere.end();
}

bool has_failed(const Readiness& readiness) { return readiness.state == Readiness::State::kFailed; }

/// Of the first data service that the step has to wait for; empty if there is none. `untouched`: one has
/// failed that the step does not change.
std::string unfinished_data(const Effective& was, const Effective& is, const Seen& seen, bool& untouched) {
  const auto look = [&](const Readiness& data, const Amounts& old, const Amounts& now) -> std::string {
    if (is_well(data)) return "";
    if (!has_failed(data) || !(old == now)) return sentence(data);
    untouched = true;
    return "";
  };
  std::string waits = look(seen.database, was.database.resources, is.database.resources);
  return waits.empty() ? look(seen.cache, was.cache.resources, is.cache.resources) : waits;
}

/// More pods and a larger volume are all that it makes.
std::string unfinished_headroom(const Effective& was, const Effective& is, const Seen& seen) {
  if (!seen.autoscaler.ready()) return sentence(seen.autoscaler);
  if (seen.database.reason == "VolumeGrowing") return sentence(seen.database);
  const bool raised = is.backend.min_replicas > was.backend.min_replicas;
  if (seen.backend.ready() || !raised || seen.backend.reason == "CrashLoop") return "";
  const bool starved = !is_well(seen.database) || !is_well(seen.cache);
  return starved && !has_failed(seen.backend) ? "" : sentence(seen.backend);
}

}  // namespace

std::string text_of(Step step, bool reverting) {
  return std::string{reverting ? kRevert : ""} + std::string{kSteps.at(index_of(step)).second};
}

Json to_status(const Transition& transition) {
  Json json{{"from", text_of(transition.from)},
            {"to", text_of(transition.to)},
            {"step", text_of(transition.step, transition.reverting)},
            {"startedAt", transition.started_at}};
  if (!transition.blocked_by.empty()) json["blockedBy"] = cut_text(transition.blocked_by, kMaxBlockedBy);
  return json;
}

std::optional<Transition> transition_of(const PromptSales& app, const std::string& now) {
  if (auto under_way = recorded(app.status)) {
    under_way->reverting = app.spec.tier != under_way->to;
    return under_way;
  }
  const auto in_force = tier_called(string_at(app.status, {"effective", "tier"}));
  if (!in_force || *in_force == app.spec.tier) return std::nullopt;
  return Transition{.from = *in_force, .to = app.spec.tier, .started_at = now};
}

Effective staged(const Effective& from, const Effective& to, Step step) {
  Effective now = step == Step::kHeadroom ? from : to;
  now.tier = from.tier;
  now.database.storage = larger_of(from.database.storage, to.database.storage);
  now.database.pool_size = step == Step::kHeadroom ? from.database.pool_size : pool_of_both(from, to);
  if (step == Step::kShrink) return now;

  widen(now, from, to);
  const auto pods = now.backend.min_replicas;
  now.max_unavailable = may_be_away(from.max_unavailable, pods) <= may_be_away(to.max_unavailable, pods)
                            ? from.max_unavailable
                            : to.max_unavailable;
  now.database.resources = from.database.resources;
  now.database.max_connections = from.database.max_connections;
  now.cache.resources = from.cache.resources;
  now.cache.maxmemory_bytes = from.cache.maxmemory_bytes;
  if (step != Step::kRollData) return now;

  now.database.resources = larger_of(from.database.resources, to.database.resources);
  now.database.max_connections = std::max(from.database.max_connections, to.database.max_connections);
  now.cache.resources = larger_of(from.cache.resources, to.cache.resources);
  now.cache.maxmemory_bytes = std::max(from.cache.maxmemory_bytes, to.cache.maxmemory_bytes);
  return now;
}

Effective staged(const Transition& transition, const Effective& from, const Effective& to) {
  if (!transition.reverting) return staged(from, to, transition.step);
  if (transition.step == Step::kHeadroom) return from;
  return staged(from, to, kSteps.at(index_of(transition.step) - 1).first);
}

Effective before(const Transition& transition, const Effective& from, const Effective& to) {
  if (transition.reverting) return staged(from, to, transition.step);
  if (transition.step == Step::kHeadroom) return from;
  return staged(from, to, kSteps.at(index_of(transition.step) - 1).first);
}

std::string unfinished(const Transition& transition, const Effective& was, const Effective& is,
                       const Seen& seen) {
  if (transition.step == Step::kHeadroom && !transition.reverting) return unfinished_headroom(was, is, seen);
  bool untouched = false;
  std::string waits = unfinished_data(was, is, seen, untouched);
  // Pods can be replaced while the data starts; it is not replaced while they are.
  if (!waits.empty() && transition.step != Step::kRoll) return waits;
  // Pods cannot serve without their data.
  if (!seen.backend.ready() && (has_failed(seen.backend) || !untouched)) return sentence(seen.backend);
  const bool last = transition.step == (transition.reverting ? Step::kHeadroom : Step::kShrink);
  if (!last || is.backend.keeps_replicas || seen.replicas <= is.backend.max_replicas) return "";
  return std::to_string(seen.replicas) + " backend pods are there, and at most " +
         std::to_string(is.backend.max_replicas) + " are to be";
}

std::optional<Transition> advanced(Transition transition, const std::string& blocked_by) {
  transition.blocked_by = blocked_by;
  if (!blocked_by.empty()) return transition;
  const std::size_t index = index_of(transition.step);
  const bool last = transition.reverting ? index == 0 : index + 1 == kSteps.size();
  if (last) return std::nullopt;
  transition.step = kSteps.at(transition.reverting ? index - 1 : index + 1).first;
  return transition;
}

}  // namespace promptsales::controllers
