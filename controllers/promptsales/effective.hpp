#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controllers/promptsales/amounts.hpp"
#include "controllers/promptsales/enums.hpp"
#include "controllers/promptsales/spec.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

/// The machines that a tier stands for: backend at its maximum plus the embedded services should fit in.
struct Footprint {
  std::string cpu;
  std::string memory;
  std::string storage;
};

/// The newest PostgreSQL major that the operator was tested with: for providers that must be told one.
inline constexpr std::string_view kNewestPostgres = "17";

/// What is to be, after the tier's values and the overrides of the spec: the only settings that a child
/// reads, so that no child knows a tier or a default. Made by effective() in tiers.hpp.
struct Effective {
  struct Backend {
    std::string image;
    AutoscalingType autoscaling = AutoscalingType::kHpa;
    /// True: there is no autoscaler and the spec says no number either, so the number of pods stays as it is.
    /// The Deployment carries replicas at its creation only, and both bounds are what it has.
    bool keeps_replicas = false;
    /// kNone: exactly min_replicas pods and no autoscaler. Else the autoscaler's bounds; the Deployment must
    /// then carry no replicas but at its creation, with min_replicas.
    std::int64_t min_replicas = 1;
    std::int64_t max_replicas = 1;            ///< equals min_replicas for kNone
    std::int64_t target_cpu_utilization = 0;  ///< percent of the cpu request of container `backend`
    std::int64_t scale_down_window_seconds = 0;
    std::int64_t max_surge =
        1;  ///< pods above max_replicas during a roll-out; the connection budget has them
    Amounts resources;
    std::vector<EnvVar> env;  ///< in the order written; encode() of fields.hpp gives the container's form
  };

  struct Database {
    /// Unset only if the tier wants it named and it is not: validate() refuses that before any child is made.
    std::optional<DatabaseType> type;
    Amounts resources;                              ///< kEmbedded
    std::string storage;                            ///< kEmbedded: size of the volume
    std::optional<std::string> storage_class_name;  ///< unset: the cluster's default class
    /// What the server accepts; 0: not known. An embedded one is started with it.
    std::int64_t max_connections = 0;
    std::int64_t pool_size = 1;  ///< connections of each backend pod, at least 1
    /// PostgreSQL major; unset: what there is (`made_as`, postgres_version.hpp), else the provider's newest.
    std::optional<std::string> version;
    /// The version that there is, in the words of the provider that made it: "POSTGRES_16". A newer operator, or a
    /// field taken out, is no reason to move data to another one.
    std::optional<std::string> made_as;
    bool high_availability = false;  ///< a standby
    std::int64_t read_replicas = 0;
    DeletionPolicy deletion_policy = DeletionPolicy::kRetain;
    std::int64_t pooler_instances = 0;  ///< kCloudNativePg; 0: no pooler
    PoolMode pool_mode = PoolMode::kTransaction;
    std::optional<controllers::Database> asked;  ///< the block as written: what is one provider's alone
  };

  struct Cache {
    std::optional<CacheType> type;     ///< as Database::type
    Amounts resources;                 ///< kEmbedded
    std::int64_t maxmemory_bytes = 0;  ///< kEmbedded: 3/4 of the memory limit; the rest is the server's own
    bool high_availability = false;
    std::int64_t replicas_per_shard = 0;  ///< kAck
    /// kAck: fields of a group in cluster mode, as JSON, which it keeps. None is made so.
    std::optional<std::string> made_as;
    DeletionPolicy deletion_policy = DeletionPolicy::kRetain;
    std::optional<controllers::Cache> asked;  ///< as Database::asked
  };

  struct Messaging {
    MessagingType type = MessagingType::kNone;
    Amounts resources;                              ///< kEmbedded
    std::string storage;                            ///< kEmbedded: size of the volume
    std::optional<std::string> storage_class_name;  ///< unset: the cluster's default class
    DeletionPolicy deletion_policy = DeletionPolicy::kRetain;
    std::optional<controllers::Messaging> asked;  ///< as Database::asked
  };

  struct Spread {
    std::string topology_key;
    std::string when_unsatisfiable;
  };

  Tier tier = Tier::kMvp;
  bool suspend = false;  ///< the operator changes nothing; what runs goes on running
  Backend backend;
  Database database;
  Cache cache;
  Messaging messaging;
  Spread spread;
  std::string max_unavailable;   ///< of the disruption budget: "1" or "25%"
  bool follow_bindings = false;  ///< pods take changed bindings into use while they run; none is replaced
  bool network_policy = true;
  TlsType tls = TlsType::kDisabled;
  std::string availability_objective;  ///< percent: "99.5"
  std::optional<Footprint> machines;   ///< what the tier stands for; nullopt: open-ended
};

/// As status.effective shows it, in the shape of the spec, so that an override can be copied from it. Without
/// env (it may hold what is nobody's business) and image (status.backend has it).
[[nodiscard]] k8s::Json to_status(const Effective& effective);

}  // namespace promptsales::controllers
