#pragma once

#include <string>

#include "controllers/promptsales/connections.hpp"
#include "controllers/promptsales/settings.hpp"
#include "controllers/promptsales/transition.hpp"

namespace promptsales::controllers {

/// What a pass is to make of a resource.
struct Plan {
  Effective target;     ///< what the spec asks for
  Effective effective;  ///< what is to be now: bounded by the budget, and by the step of a move between tiers
  ConnectionBudget budget;               ///< of the target
  std::optional<Transition> transition;  ///< the move that is under way, if there is one
  Effective before;                      ///< what was to be before its step
};

/// Spec, settings, what is already there and what the status says was under way → what is to be now.
///
/// Threads  pure.
[[nodiscard]] Plan plan_of(const PromptSales& app, std::string_view backend_image, const Settings& settings,
                           const Facts& facts, const std::string& now);

/// A move as its status has to say it after a pass.
struct TierMove {
  Transition now;                  ///< what this pass has worked at
  std::optional<Transition> next;  ///< what the next one works at; nothing: the move is over

  /// Whether the next pass has something else to do than this one.
  [[nodiscard]] bool moved() const { return !next || next->step != now.step; }
};

/// How far the move has come. REQUIRES plan.transition
[[nodiscard]] TierMove move_after(const Plan& plan, const Seen& seen);

}  // namespace promptsales::controllers
