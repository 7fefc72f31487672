#include "controllers/promptsales/plan.hpp"

#include "base/check.hpp"

namespace promptsales::controllers {

Plan plan_of(const PromptSales& app, std::string_view backend_image, const Settings& settings,
             const Facts& facts, const std::string& now) {
  const auto effective_of = [&](const Spec& spec) {
    Effective asked = effective(spec, backend_image, settings.tiers, facts);
    keep_connections(asked, app.status);
    return asked;
  };
  const auto bounded = [&](const Effective& asked) {
    if (!connection_budget(asked).exceeded()) return asked;
    return within_budget(asked, replicas_bound_in(app.status));
  };
  const auto as_tier = [&](Tier tier) {
    Spec spec = app.spec;
    spec.tier = tier;
    return bounded(effective_of(spec));
  };
  Plan plan{.target = effective_of(app.spec)};
  plan.budget = connection_budget(plan.target);
  plan.transition = transition_of(app, now);
  if (!plan.transition) {
    plan.effective = bounded(plan.target);
    return plan;
  }
  const Effective from = as_tier(plan.transition->from);
  const Effective to = as_tier(plan.transition->to);
  plan.effective = staged(*plan.transition, from, to);
  plan.before = before(*plan.transition, from, to);
  return plan;
}

TierMove move_after(const Plan& plan, const Seen& seen) {
  PS_CHECK(plan.transition);
  const Transition& now = *plan.transition;
  // A tier whose pods have no connections is not moved to; a move away from it is not held up.
  const bool starved = plan.budget.exceeded() && !now.reverting && !plan.effective.backend.keeps_replicas;
  return {now,
          advanced(now, starved ? plan.budget.message : unfinished(now, plan.before, plan.effective, seen))};
}

}  // namespace promptsales::controllers
