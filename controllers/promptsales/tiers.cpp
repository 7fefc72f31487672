#include "controllers/promptsales/tiers.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

constexpr std::string_view kHostname = "kubernetes.io/hostname";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";

constexpr std::array kTiers{
    TierProfile{.tier = Tier::kMvp,
                .min_replicas = 2,
                .max_replicas = 3,
                .backend_cpu = "250m",
                .backend_memory = "256Mi",
                .database = EmbeddedSize{"1", "1Gi", "20Gi"},
                .cache = EmbeddedSize{"100m", "256Mi", ""},
                .topology_key = kHostname,
                .when_unsatisfiable = "ScheduleAnyway",
                .max_unavailable = "1",
                .availability_objective = "99.5",
                .budget = Footprint{"2", "4Gi", "50Gi"}},
    TierProfile{.tier = Tier::kGrowth,
                .min_replicas = 3,
                .max_replicas = 4,
                .backend_cpu = "500m",
                .backend_memory = "512Mi",
                .database = EmbeddedSize{"4", "16Gi", "500Gi"},
                .cache = EmbeddedSize{"2", "8Gi", ""},
                .topology_key = kZone,
                .when_unsatisfiable = "ScheduleAnyway",
                .max_unavailable = "1",
                .availability_objective = "99.9",
                .budget = Footprint{"8", "32Gi", "500Gi"}},
    TierProfile{.tier = Tier::kScale,
                .min_replicas = 6,
                .max_replicas = 24,
                .backend_cpu = "1",
                .backend_memory = "1Gi",
                .database = std::nullopt,
                .cache = std::nullopt,
                .topology_key = kZone,
                .when_unsatisfiable = "DoNotSchedule",
                .max_unavailable = "25%",
                .availability_objective = "99.99",
                .budget = std::nullopt},
};

constexpr std::int64_t kTargetCpuUtilization = 60;     // percent, of container `backend` alone
constexpr std::int64_t kScaleDownWindowSeconds = 300;  // Kubernetes' own default, said so that it is ours
constexpr std::int64_t kMaxConnections = 100;          // PostgreSQL's own default
constexpr std::int64_t kLargestPool = 10;              // more per pod only queues inside the database

/// Each override on its own; the memory limit follows the request, because a pod that may use more than it
/// asked for is the first to be evicted.
Amounts merge(std::string_view cpu, std::string_view memory, const std::optional<Resources>& overrides) {
  Amounts amounts{.requests = {{"cpu", std::string{cpu}}, {"memory", std::string{memory}}}, .limits = {}};
  if (overrides)
    for (const auto& [name, quantity] : overrides->requests) amounts.requests[name] = quantity.text;
  amounts.limits["memory"] = amounts.requests["memory"];
  if (overrides)
    for (const auto& [name, quantity] : overrides->limits) amounts.limits[name] = quantity.text;
  return amounts;
}

Effective::Backend backend_of(const Spec& spec, const TierProfile& tier, std::string_view image) {
  const Backend backend = spec.backend.value_or(Backend{});
  const Autoscaling scaling = backend.autoscaling.value_or(Autoscaling{});
  Effective::Backend result;
  result.image = spec.image.value_or(std::string{image});
  result.autoscaling = scaling.type.value_or(AutoscalingType::kHpa);
  result.min_replicas = scaling.min_replicas.value_or(tier.min_replicas);
  result.max_replicas = result.autoscaling == AutoscalingType::kNone
                            ? result.min_replicas
                            : scaling.max_replicas.value_or(tier.max_replicas);
  result.target_cpu_utilization = scaling.target_cpu_utilization.value_or(kTargetCpuUtilization);
  result.scale_down_window_seconds = kScaleDownWindowSeconds;
  result.max_surge =
      std::max<std::int64_t>(1, (result.max_replicas + 3) / 4);  // a quarter, as Kubernetes' default
  result.resources = merge(tier.backend_cpu, tier.backend_memory, backend.resources);
  result.env = backend.env;
  return result;
}

/// The largest pool that every pod of a roll-out can have at once.
std::int64_t pool_size(const Effective::Backend& backend, std::int64_t max_connections) {
  const auto pods = std::max<std::int64_t>(1, backend.max_replicas + backend.max_surge);
  const auto usable = max_connections - kReservedConnections - 1;  // one for migrations
  return std::clamp<std::int64_t>(usable / pods, 1, kLargestPool);
}

Effective::Database database_of(const Spec& spec, const TierProfile& tier) {
  Effective::Database result;
  if (spec.database) result.type = spec.database->type;
  if (!spec.database && tier.database) result.type = DatabaseType::kEmbedded;
  if (result.type != DatabaseType::kEmbedded || !tier.database) return result;

  const Database named = spec.database.value_or(Database{});
  result.resources = merge(tier.database->cpu, tier.database->memory, named.resources);
  result.storage = named.storage.value_or(std::string{tier.database->storage});
  result.storage_class_name = named.storage_class_name;
  result.max_connections = kMaxConnections;
  return result;
}

Effective::Cache cache_of(const Spec& spec, const TierProfile& tier) {
  Effective::Cache result;
  if (spec.cache) result.type = spec.cache->type;
  if (!spec.cache && tier.cache) result.type = CacheType::kEmbedded;
  if (result.type != CacheType::kEmbedded || !tier.cache) return result;

  const Cache named = spec.cache.value_or(Cache{});
  result.resources = merge(tier.cache->cpu, tier.cache->memory, named.resources);
  if (const auto limit = k8s::Quantity::parse(result.resources.limits["memory"]))
    result.maxmemory_bytes = limit->whole() / 4 * 3;
  return result;
}

}  // namespace

const TierProfile& profile_of(Tier tier) {
  const auto* found = std::ranges::find(kTiers, tier, &TierProfile::tier);
  PS_CHECK(found != kTiers.end());
  return *found;
}

Effective effective(const PromptSales& app, std::string_view backend_image) {
  const auto& spec = app.spec;
  const auto& tier = profile_of(spec.tier);
  Effective result;
  result.tier = spec.tier;
  result.suspend = spec.suspend.value_or(false);
  result.backend = backend_of(spec, tier, backend_image);
  result.database = database_of(spec, tier);
  result.database.pool_size = pool_size(
      result.backend, result.database.max_connections ? result.database.max_connections : kMaxConnections);
  result.cache = cache_of(spec, tier);
  result.spread = {std::string{tier.topology_key}, std::string{tier.when_unsatisfiable}};
  result.max_unavailable = tier.max_unavailable;
  result.network_policy = !spec.network_policy || spec.network_policy->enabled.value_or(true);
  result.tls =
      spec.tls ? spec.tls->type : TlsType::kDisabled;  // as long as TLS is not reconciled, see enums.hpp
  result.availability_objective = tier.availability_objective;
  if (spec.observability && spec.observability->slo && spec.observability->slo->availability)
    result.availability_objective = *spec.observability->slo->availability;
  return result;
}

std::int64_t connections_needed(const Effective& effective) {
  return (effective.backend.max_replicas + effective.backend.max_surge) * effective.database.pool_size + 1;
}

}  // namespace promptsales::controllers
