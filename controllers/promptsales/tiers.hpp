#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers {

/// What an embedded data service gets when its part of the spec is unset.
struct EmbeddedSize {
  std::string cpu;
  std::string memory;
  std::string storage;  ///< empty: keeps nothing on disk
};

/// One tier: every value that the spec can leave open. Quantities are Kubernetes quantities.
struct TierProfile {
  Tier tier;
  std::int64_t min_replicas;
  std::int64_t max_replicas;
  std::string backend_cpu;     ///< request of each pod; there is no cpu limit, throttling costs latency
  std::string backend_memory;  ///< request and limit of each pod
  std::optional<EmbeddedSize> database;  ///< nullopt: must be named in the spec
  std::optional<EmbeddedSize> cache;     ///< nullopt: must be named in the spec
  std::string topology_key;
  std::string when_unsatisfiable;
  std::string max_unavailable;               ///< of the disruption budget
  std::string availability_objective;        ///< percent
  std::optional<Footprint> machines;         ///< nullopt: open-ended
  std::int64_t target_cpu_utilization = 60;  ///< percent, of container `backend` alone
  /// Kubernetes' own default, said so that it is ours.
  std::int64_t scale_down_window_seconds = 300;
};

/// All tiers, in the order of their values.
using TierTable = std::array<TierProfile, 3>;

/// The tiers as they are without an operator configuration (settings.hpp).
[[nodiscard]] const TierTable& built_in_tiers();

[[nodiscard]] const TierProfile& profile_of(Tier tier, const TierTable& tiers = built_in_tiers());

/// What the cluster already has and no spec can undo.
struct Facts {
  std::optional<std::int64_t> replicas;  ///< that the backend's Deployment asks for, if it exists
  /// Size that is asked for of the database's volume, if it exists: by its claim, or by the object through which
  /// others make it. None of them takes a smaller one.
  std::optional<std::string> volume;
  std::optional<std::string> database_made_as{};  ///< what Child::made_as says of it
  std::optional<std::string> cache_made_as{};
  /// What Child::has_standby says of it. Neither a tier nor a newer operator adds a standby to a server that is there,
  /// or takes one away: it restarts some of them, and is half of the price.
  std::optional<bool> database_standby{};
  std::optional<bool> cache_standby{};
  std::optional<std::string> messaging_volume{};  ///< the same of embedded messaging
};

/// What is to be: the tier's values, each replaced by the field of the spec that names it. A volume that is
/// larger already stays as it is, and so does the number of pods that neither the spec nor an autoscaler
/// says.
///
/// Inputs   `backend_image` is used unless spec.image is set.
/// Errors   none: what does not fit together is validate()'s to say, before anything is made from the result.
/// Threads  pure.
[[nodiscard]] Effective effective(const Spec& spec, std::string_view backend_image,
                                  const TierTable& tiers = built_in_tiers(), const Facts& facts = {});
[[nodiscard]] Effective effective(const PromptSales& app, std::string_view backend_image,
                                  const TierTable& tiers = built_in_tiers(), const Facts& facts = {});

/// Pods above the maximum during a roll-out: a quarter, as Kubernetes' own default.
[[nodiscard]] std::int64_t surge_of(std::int64_t max_replicas);

/// The largest number of pods, at least one, that a server of so many connections has a pool of this size
/// for, during a roll-out too. Nothing if the server's limit is not known (0).
[[nodiscard]] std::optional<std::int64_t> most_replicas(std::int64_t max_connections, std::int64_t pool_size);

/// Works out surge and pool size for the largest number of pods.
void share_connections(Effective& effective);

/// Connections that the backend opens at most: every pod of a roll-out at the maximum, each with a full pool,
/// plus one for migrations.
[[nodiscard]] std::int64_t connections_needed(const Effective& effective);

/// Connections of an embedded database that the backend may use; the rest is kept for people and for the
/// server.
inline constexpr std::int64_t kReservedConnections = 10;

}  // namespace promptsales::controllers
