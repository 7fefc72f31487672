#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers {

/// What an embedded data service gets when its part of the spec is unset.
struct EmbeddedSize {
  std::string_view cpu;
  std::string_view memory;
  std::string_view storage;  ///< empty: keeps nothing on disk
};

/// The machines that a tier stands for: backend at its maximum plus the embedded services should fit in.
struct Footprint {
  std::string_view cpu;
  std::string_view memory;
  std::string_view storage;
};

/// One tier: every value that the spec can leave open. Quantities are Kubernetes quantities.
struct TierProfile {
  Tier tier;
  std::int64_t min_replicas;
  std::int64_t max_replicas;
  std::string_view backend_cpu;     ///< request of each pod; there is no cpu limit, throttling costs latency
  std::string_view backend_memory;  ///< request and limit of each pod
  std::optional<EmbeddedSize> database;  ///< nullopt: must be named in the spec
  std::optional<EmbeddedSize> cache;     ///< nullopt: must be named in the spec
  std::string_view topology_key;
  std::string_view when_unsatisfiable;
  std::string_view max_unavailable;         ///< of the disruption budget
  std::string_view availability_objective;  ///< percent
  std::optional<Footprint> budget;          ///< nullopt: open-ended
};

/// The tier table of design.md section 4.
[[nodiscard]] const TierProfile& profile_of(Tier tier);

/// What is to be: the tier's values, each replaced by the field of the spec that names it.
///
/// Inputs   `backend_image` is used unless spec.image is set.
/// Errors   none: what does not fit together is validate()'s to say, before anything is made from the result.
/// Threads  pure.
[[nodiscard]] Effective effective(const PromptSales& app, std::string_view backend_image);

/// Connections that the backend opens at most: every pod of a roll-out at the maximum, each with a full pool,
/// plus one for migrations.
[[nodiscard]] std::int64_t connections_needed(const Effective& effective);

/// Connections of an embedded database that the backend may use; the rest is kept for people and for the
/// server.
inline constexpr std::int64_t kReservedConnections = 10;

}  // namespace promptsales::controllers
