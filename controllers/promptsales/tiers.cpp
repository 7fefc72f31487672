#include "controllers/promptsales/tiers.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/connections.hpp"
#include "controllers/promptsales/servers.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

constexpr const char* kHostname = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

/// What tier Scale asks of services that others run, where the spec says nothing.
const EmbeddedSize kManagedDatabase{"8", "32Gi", "2Ti"};
const EmbeddedSize kManagedCache{"4", "12Gi", ""};

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

Effective::Backend backend_of(const Spec& spec, const TierProfile& tier, std::string_view image,
                              const Facts& facts) {
  const Backend backend = spec.backend.value_or(Backend{});
  const Autoscaling scaling = backend.autoscaling.value_or(Autoscaling{});
  Effective::Backend result;
  result.image = spec.image.value_or(std::string{image});
  result.autoscaling = scaling.type.value_or(AutoscalingType::kHpa);
  result.keeps_replicas = result.autoscaling == AutoscalingType::kNone && !scaling.min_replicas;
  result.min_replicas = result.keeps_replicas ? facts.replicas.value_or(tier.min_replicas)
                                              : scaling.min_replicas.value_or(tier.min_replicas);
  result.max_replicas = result.autoscaling == AutoscalingType::kNone
                            ? result.min_replicas
                            : scaling.max_replicas.value_or(tier.max_replicas);
  result.target_cpu_utilization = scaling.target_cpu_utilization.value_or(tier.target_cpu_utilization);
  result.scale_down_window_seconds = tier.scale_down_window_seconds;
  result.resources = merge(tier.backend_cpu, tier.backend_memory, backend.resources);
  result.env = backend.env;
  return result;
}

bool is_highly_available(const std::optional<HighAvailability>& named, bool by_default) {
  return named ? *named == HighAvailability::kEnabled : by_default;
}

/// Whether a database of others has a standby where spec.database.highAvailability does not say it.
bool has_standby(const Database& named, Tier tier, const std::optional<bool>& there) {
  const auto& azure = named.azure_service_operator;
  const bool can_have_one = !azure || !bindings::is_azure_burstable(azure->sku.value_or(""));
  return can_have_one && there.value_or(tier == Tier::kScale);
}

Effective::Database database_of(const Spec& spec, const TierProfile& tier, const Facts& facts) {
  Effective::Database result;
  if (spec.database) result.max_connections = spec.database->max_connections.value_or(0);
  if (spec.database) result.type = spec.database->type;
  if (!spec.database && tier.database) result.type = DatabaseType::kEmbedded;
  result.asked = spec.database;
  using enum DatabaseType;
  const Database named = spec.database.value_or(Database{});
  result.deletion_policy = named.deletion_policy.value_or(DeletionPolicy::kRetain);
  const bool is_of_others = result.type == kSecret || result.type == kServiceRef || named_cluster(result);
  if (!result.type || is_of_others || (result.type == kEmbedded && !tier.database)) return result;

  const EmbeddedSize size = tier.database.value_or(kManagedDatabase);
  result.resources = merge(size.cpu, size.memory, named.resources);
  result.storage = larger_of(named.storage.value_or(size.storage), facts.volume.value_or("0"));
  result.storage_class_name = named.storage_class_name;
  result.version = named.version;
  result.made_as = facts.database_made_as;
  const bool is_scale = tier.tier == Tier::kScale;
  if (result.type != kEmbedded)
    result.high_availability =
        is_highly_available(named.high_availability, has_standby(named, tier.tier, facts.database_standby));
  if (!named.max_connections)
    result.max_connections =
        is_made_here(result) ? kDefaultConnections : bindings::connections_by_machine(result).value_or(0);
  if (result.type == kEmbedded) return result;
  const bool has_copies = is_scale && result.type != kAzureServiceOperator;
  result.read_replicas = named.read_replicas.value_or(has_copies ? 1 : 0);
  const bool pools = named.cloud_native_pg && named.cloud_native_pg->pooler;
  const Pooler pooler = pools ? *named.cloud_native_pg->pooler : Pooler{};
  if (result.type == kCloudNativePg && is_made_here(result) && (pools || is_scale))
    result.pooler_instances = pooler.instances.value_or(2);
  result.pool_mode = pooler.pool_mode.value_or(PoolMode::kTransaction);
  return result;
}

/// Whether a cache of others has a standby where spec.cache.highAvailability does not say it.
bool has_standby(const Cache& named, Tier tier, const std::optional<bool>& there) {
  if (named.azure_service_operator)
    return !named.azure_service_operator->sku.value_or("").starts_with("Basic");
  if (named.replicas_per_shard == std::optional<std::int64_t>{0}) return false;
  if (there) return *there;  // of a Memorystore whatever instanceTier says: it cannot be changed
  if (named.type != CacheType::kConfigConnector) return tier == Tier::kScale;
  const auto& asked = named.config_connector ? named.config_connector->instance_tier : std::nullopt;
  return asked ? *asked == bindings::kMemorystoreWithStandby : tier != Tier::kMvp;
}

Effective::Cache cache_of(const Spec& spec, const TierProfile& tier, const Facts& facts) {
  Effective::Cache result;
  if (spec.cache) result.type = spec.cache->type;
  if (!spec.cache && tier.cache) result.type = CacheType::kEmbedded;
  result.asked = spec.cache;
  using enum CacheType;
  const bool has_a_size = result.type && *result.type != kSecret && *result.type != kServiceRef;
  if (!has_a_size || (result.type == kEmbedded && !tier.cache)) return result;

  const Cache named = spec.cache.value_or(Cache{});
  const EmbeddedSize size = tier.cache.value_or(kManagedCache);
  result.resources = merge(size.cpu, size.memory, named.resources);
  result.deletion_policy = named.deletion_policy.value_or(DeletionPolicy::kRetain);
  if (result.type != kEmbedded) {
    result.high_availability =
        is_highly_available(named.high_availability, has_standby(named, tier.tier, facts.cache_standby));
    result.replicas_per_shard = named.replicas_per_shard.value_or(tier.tier == Tier::kScale ? 1 : 0);
    result.made_as = facts.cache_made_as;
    return result;
  }
  if (const auto limit = k8s::Quantity::parse(result.resources.limits["memory"]))
    result.maxmemory_bytes = limit->whole() / 4 * 3;
  return result;
}

/// The same for every tier: messages are small, and few.
const EmbeddedSize kMessaging{"100m", "128Mi", "10Gi"};

Effective::Messaging messaging_of(const Spec& spec, const Facts& facts) {
  Effective::Messaging result;
  if (!spec.messaging) return result;
  result.type = spec.messaging->type;
  result.asked = spec.messaging;
  if (result.type != MessagingType::kEmbedded) return result;
  result.resources = merge(kMessaging.cpu, kMessaging.memory, spec.messaging->resources);
  result.storage =
      larger_of(spec.messaging->storage.value_or(kMessaging.storage), facts.messaging_volume.value_or("0"));
  result.storage_class_name = spec.messaging->storage_class_name;
  result.deletion_policy = spec.messaging->deletion_policy.value_or(DeletionPolicy::kRetain);
  return result;
}

}  // namespace

const TierTable& built_in_tiers() {
  static const TierTable tiers{{
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
                  .machines = Footprint{"2", "4Gi", "50Gi"}},
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
                  .machines = Footprint{"8", "32Gi", "500Gi"}},
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
                  .machines = std::nullopt},
  }};
  return tiers;
}

const TierProfile& profile_of(Tier tier, const TierTable& tiers) {
  const auto* found = std::ranges::find(tiers, tier, &TierProfile::tier);
  PS_CHECK(found != tiers.end());
  return *found;
}

Effective effective(const PromptSales& app, std::string_view backend_image, const TierTable& tiers,
                    const Facts& facts) {
  return effective(app.spec, backend_image, tiers, facts);
}

Effective effective(const Spec& spec, std::string_view backend_image, const TierTable& tiers,
                    const Facts& facts) {
  const auto& tier = profile_of(spec.tier, tiers);
  Effective result;
  result.tier = spec.tier;
  result.suspend = spec.suspend.value_or(false);
  result.backend = backend_of(spec, tier, backend_image, facts);
  result.database = database_of(spec, tier, facts);
  share_connections(result);
  result.cache = cache_of(spec, tier, facts);
  result.messaging = messaging_of(spec, facts);
  result.spread = {tier.topology_key, tier.when_unsatisfiable};
  result.machines = tier.machines;
  result.max_unavailable = tier.max_unavailable;
  result.follow_bindings =
      spec.secret_rotation && spec.secret_rotation->strategy == RotationStrategy::kHotReload;
  result.network_policy = !spec.network_policy || spec.network_policy->enabled.value_or(true);
  result.tls = spec.tls ? spec.tls->type : TlsType::kSelfSigned;
  result.availability_objective = tier.availability_objective;
  if (spec.observability && spec.observability->slo && spec.observability->slo->availability)
    result.availability_objective = *spec.observability->slo->availability;
  return result;
}

std::int64_t surge_of(std::int64_t max_replicas) { return std::max<std::int64_t>(1, (max_replicas + 3) / 4); }

std::optional<std::int64_t> most_replicas(std::int64_t max_connections, std::int64_t pool_size) {
  if (max_connections == 0) return std::nullopt;
  std::int64_t pods = 1;
  while ((pods + 1 + surge_of(pods + 1)) * pool_size <= for_pools(max_connections)) ++pods;
  return pods;
}

void share_connections(Effective& effective) {
  auto& backend = effective.backend;
  backend.max_surge = surge_of(backend.max_replicas);
  effective.database.pool_size =
      pool_for(backend.max_replicas + backend.max_surge, limit_for_pods(effective.database));
}

std::int64_t connections_needed(const Effective& effective) {
  return (effective.backend.max_replicas + effective.backend.max_surge) * effective.database.pool_size + 1;
}

}  // namespace promptsales::controllers
