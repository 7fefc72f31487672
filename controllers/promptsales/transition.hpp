#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// The move of a resource from one tier to another, in steps of a fixed order: what the new tier has more of
/// comes first, what the old one had more of goes last, and nothing is taken away before what replaces it
/// serves (docs/tier-moves.md, docs/adr/0006-a-tier-move-is-a-transition.md).
///
///   Headroom   bounds of the number of pods: the larger ones of both tiers; the volume grows
///   Roll       the backend's pods are replaced by those of the new tier, more of them while that lasts
///   RollData   embedded servers get the larger resources of both tiers: they restart after the backend's
///   pods have
///              been replaced, never while they are
///   Shrink     everything as in the new tier
///
/// Every step is known from status.transition alone, so that an operator that starts anew goes on where the
/// former one was. Setting the tier back goes through the same steps backwards, from the one that was
/// reached.
enum class Step { kHeadroom, kRoll, kRollData, kShrink };

struct Transition {
  Tier from = Tier::kMvp;
  Tier to = Tier::kMvp;
  Step step = Step::kHeadroom;
  /// The step is being undone: the spec does not ask for `to` any more.
  bool reverting = false;
  std::string started_at;  ///< RFC 3339
  std::string blocked_by;  ///< what the step waits for; empty: nothing that is known yet

  /// The tier that the resource has when the move is over.
  [[nodiscard]] Tier reached() const { return reverting ? from : to; }

  bool operator==(const Transition&) const = default;
};

/// "Roll", "RevertRoll": as status.transition.step says it.
[[nodiscard]] std::string text_of(Step step, bool reverting);

/// As in status.transition.
[[nodiscard]] Json to_status(const Transition& transition);

/// What this pass has to do with tiers: nothing if the resource is of the tier that it asks for, or new.
/// `now` is when a move begins that was not under way. A third tier that is asked for in the middle of a move
/// is moved to when this one has been undone.
[[nodiscard]] std::optional<Transition> transition_of(const PromptSales& app, const std::string& now);

/// What is to be while `step` is done. `from` and `to` are what the two tiers amount to for the same spec.
/// The tier that it names is `from`'s until the move is over.
///
/// Connections  pods of both pool sizes exist while they are replaced: until the last step the larger pool
/// times
///              the largest number of pods fits the server, if each of the two tiers does.
/// Threads      pure.
[[nodiscard]] Effective staged(const Effective& from, const Effective& to, Step step);

/// The same in the direction of the transition: undoing a step is being in the one before it.
[[nodiscard]] Effective staged(const Transition& transition, const Effective& from, const Effective& to);

/// What a pass has found of a resource whose children are as the step asks for.
struct Seen {
  Readiness backend;     ///< without the autoscaler
  Readiness autoscaler;  ///< failed only if it could not be written
  Readiness database;
  Readiness cache;
  std::int64_t replicas = 0;  ///< pods of the backend
};

/// What was to be before the step: where a move comes from, in either direction.
[[nodiscard]] Effective before(const Transition& transition, const Effective& from, const Effective& to);

/// Why the step is not done yet, as a sentence; empty if it is. `was` and `is`: before() and staged().
///
/// A step waits for what it has changed. What failed before it and is not changed by it does not hold it up:
/// a person who chooses another tier because something runs out of memory, or fits on no node, is helped by
/// going on.
[[nodiscard]] std::string unfinished(const Transition& transition, const Effective& was, const Effective& is,
                                     const Seen& seen);

/// The transition after a pass: the same step with what holds it up, the next one, or nothing when the move
/// is over.
[[nodiscard]] std::optional<Transition> advanced(Transition transition, const std::string& blocked_by);

}  // namespace promptsales::controllers
