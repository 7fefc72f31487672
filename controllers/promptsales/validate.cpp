#include "controllers/promptsales/validate.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/bindings/secret.hpp"
#include "controllers/promptsales/codec.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

using Errors = std::vector<FieldError>;

/// Below these the server does not start, or is killed by its first query.
constexpr std::string_view kLeastDatabaseMemory = "256Mi";
constexpr std::string_view kLeastCacheMemory = "32Mi";
constexpr std::string_view kLeastDatabaseStorage = "1Gi";
constexpr std::string_view kLeastMessagingMemory = "64Mi";
constexpr std::string_view kLeastMessagingStorage = "256Mi";

std::string tier_of(const Effective& effective) { return "tier " + std::string{text_of(effective.tier)}; }

/// The amount at `path`, if it is one; an error otherwise.
std::optional<k8s::Quantity> amount(const std::string& text, const std::string& path, Errors& errors) {
  const auto quantity = k8s::Quantity::parse(text);
  if (!quantity) {
    errors.push_back({path, quantity.error().message});
    return std::nullopt;
  }
  if (*quantity < *k8s::Quantity::parse("0")) {
    errors.push_back({path, text + " is negative: an amount is 0 or more"});
    return std::nullopt;
  }
  return *quantity;
}

/// Silent about what is no amount: check_amounts says that.
void at_least(const std::string& text, std::string_view least, std::string_view what, const std::string& path,
              Errors& errors) {
  const auto quantity = k8s::Quantity::parse(text);
  if (quantity && *quantity >= *k8s::Quantity::parse("0") && *quantity < *k8s::Quantity::parse(least))
    errors.push_back({path, text + " is too little for " + std::string{what} + ": give it at least " +
                                std::string{least}});
}

/// Resources of a vendor and huge pages cannot be overcommitted: the API server wants a limit that is the
/// request.
void check_not_shared(const Amounts& amounts, const std::string& path, Errors& errors) {
  for (const auto& [name, text] : amounts.requests) {
    if (!name.contains('/') && !name.starts_with("hugepages-")) continue;
    const auto limit = amounts.limits.find(name);
    const auto wanted = k8s::Quantity::parse(text);
    const auto given = limit == amounts.limits.end() ? wanted : k8s::Quantity::parse(limit->second);
    if (limit != amounts.limits.end() && (!wanted || !given || *wanted == *given)) continue;
    errors.push_back({key_path(path + ".requests", name), text + " is not shared between pods: set " +
                                                              key_path(path + ".limits", name) + " to " +
                                                              text + " too"});
  }
}

/// Every amount reads as one, and no request is above its limit: the API server would refuse the pods, where
/// the reason is hard to find.
void check_amounts(const Amounts& amounts, const std::string& path, const Effective& effective,
                   Errors& errors) {
  for (const auto& [name, text] : amounts.limits) {
    const auto limit_path = key_path(path + ".limits", name);
    const auto limit = amount(text, limit_path, errors);
    const auto request = amounts.requests.find(name);
    if (!limit || request == amounts.requests.end()) continue;
    const auto requested = k8s::Quantity::parse(request->second);
    if (requested && *requested > *limit)
      errors.push_back({limit_path, text + " is below the request " + request->second +
                                        " (set in the spec or given by " + tier_of(effective) +
                                        "): raise it, or set " + key_path(path + ".requests", name) +
                                        " to at most " + text});
  }
  for (const auto& [name, text] : amounts.requests) amount(text, key_path(path + ".requests", name), errors);
  check_not_shared(amounts, path, errors);
}

void check_replicas(const PromptSales& app, const Effective& effective, Errors& errors) {
  const auto& backend = effective.backend;
  if (backend.min_replicas <= backend.max_replicas) return;
  const auto& scaling = app.spec.backend ? app.spec.backend->autoscaling : std::nullopt;
  const std::string path = "spec.backend.autoscaling";
  const auto min = std::to_string(backend.min_replicas);
  const auto max = std::to_string(backend.max_replicas);
  if (scaling && !scaling->max_replicas)
    errors.push_back({path + ".minReplicas", min + " is above the maxReplicas " + max + " of " +
                                                 tier_of(effective) + ": set maxReplicas to at least " +
                                                 min});
  else if (scaling && !scaling->min_replicas)
    errors.push_back({path + ".maxReplicas", max + " is below the minReplicas " + min + " of " +
                                                 tier_of(effective) + ": set minReplicas to at most " + max});
  else
    errors.push_back({path + ".minReplicas", min + " is above maxReplicas " + max + ": raise maxReplicas"});
}

void check_autoscaling(const Effective& effective, Errors& errors) {
  const auto& requests = effective.backend.resources.requests;
  if (effective.backend.autoscaling == AutoscalingType::kNone) return;
  const auto cpu = k8s::Quantity::parse(requests.at("cpu"));
  if (cpu && cpu->milli() == 0)
    errors.push_back({"spec.backend.resources.requests.cpu",
                      "0 leaves the autoscaler nothing to take a percentage of: set it to at least 1m, or "
                      "spec.backend.autoscaling.type to None"});
}

/// The tier's data services are embedded or named; Scale has no embedded ones.
template <typename Type>
void check_named(const std::optional<Type>& type, bool tier_embeds, const std::string& path,
                 const Effective& effective, Errors& errors) {
  if (!tier_embeds && type.value_or(Type::kEmbedded) == Type::kEmbedded)
    errors.push_back(
        {path, tier_of(effective) + " has no embedded one: set it to the service that you run or buy"});
}

/// The field that decides how much memory a server has: its limit follows the request unless it is set.
std::string memory_field(const std::optional<Resources>& written) {
  return !written || written->limits.contains("memory") ? "limits.memory" : "requests.memory";
}

void check_embedded(const PromptSales& app, const Effective& effective, Errors& errors) {
  const auto memory_of = [](const Amounts& amounts) { return amounts.limits.at("memory"); };
  if (const auto& database = effective.database; !database.storage.empty()) {
    check_amounts(database.resources, "spec.database.resources", effective, errors);
    at_least(memory_of(database.resources), kLeastDatabaseMemory, "PostgreSQL",
             "spec.database.resources." +
                 memory_field(app.spec.database ? app.spec.database->resources : std::nullopt),
             errors);
    amount(database.storage, "spec.database.storage", errors);
    at_least(database.storage, kLeastDatabaseStorage, "PostgreSQL", "spec.database.storage", errors);
  }
  if (const auto& cache = effective.cache; !cache.resources.limits.empty()) {
    check_amounts(cache.resources, "spec.cache.resources", effective, errors);
    at_least(
        memory_of(cache.resources), kLeastCacheMemory, "the cache",
        "spec.cache.resources." + memory_field(app.spec.cache ? app.spec.cache->resources : std::nullopt),
        errors);
  }
  if (const auto& messaging = effective.messaging; messaging.type == MessagingType::kEmbedded) {
    check_amounts(messaging.resources, "spec.messaging.resources", effective, errors);
    at_least(memory_of(messaging.resources), kLeastMessagingMemory, "NATS",
             "spec.messaging.resources." + memory_field(messaging.asked->resources), errors);
    amount(messaging.storage, "spec.messaging.storage", errors);
    at_least(messaging.storage, kLeastMessagingStorage, "NATS", "spec.messaging.storage", errors);
  }
}

void check_keys(const std::optional<BindingSecretRef>& ref, Component component, const std::string& path,
                Errors& errors) {
  if (!ref) return;
  const auto known = bindings::known_keys(component);
  for (const auto& [entry, key] : ref->keys)
    if (std::ranges::find(known, entry) == known.end())
      errors.push_back({key_path(path + ".keys", entry),
                        "is no entry of a connection: use " + join({known.begin(), known.end()}, ", ")});
}

/// The CRD says the same; data is no place to find out that an older one is installed.
void check_snapshots(const Effective& effective, Errors& errors) {
  constexpr auto kSnapshot = DeletionPolicy::kSnapshot;
  const std::string text = "Snapshot is for a database of type ACK only: use Retain or Delete";
  if (effective.database.deletion_policy == kSnapshot && effective.database.type != DatabaseType::kAck)
    errors.push_back({"spec.database.deletionPolicy", text});
  if (effective.cache.deletion_policy == kSnapshot) errors.push_back({"spec.cache.deletionPolicy", text});
  if (effective.messaging.deletion_policy == kSnapshot)
    errors.push_back({"spec.messaging.deletionPolicy", text});
}

void check_managed(const PromptSales& app, const Effective& effective, Errors& errors) {
  using enum DatabaseType;
  const auto& database = effective.database;
  const bool cloud = database.type == kAck || database.type == kConfigConnector;
  if (cloud && database.read_replicas > 1)
    errors.push_back(
        {"spec.database.readReplicas", "more than one is made by type CloudNativePG only: set it to 1"});
  const auto& cache = effective.cache;
  if (cache.type == CacheType::kAzureServiceOperator && cache.asked && cache.asked->high_availability &&
      !has_cache_of(app, *cache.type))
    errors.push_back(
        {"spec.cache.highAvailability",
         "is not acted on by type AzureServiceOperator: remove it; a cache of size Standard or Premium "
         "has a replica, one of size Basic has none (azureServiceOperator.sku)"});
  const bool has_shards = cache.asked && (cache.asked->shards || cache.asked->replicas_per_shard);
  if (has_shards && cache.type != CacheType::kAck)
    errors.push_back({cache.asked->shards ? "spec.cache.shards" : "spec.cache.replicasPerShard",
                      "is acted on by type ACK only: remove it"});
  if (database.type == kAzureServiceOperator && database.asked &&
      database.asked->read_replicas.value_or(0) > 0)
    errors.push_back({"spec.database.readReplicas",
                      "none is made by type AzureServiceOperator in this version: set it to 0"});
}

/// Sizes that Azure does not have: its operator would say so in words that name no field of the spec.
void check_azure(const Effective& effective, Errors& errors) {
  const auto& [database, cache] = std::tie(effective.database, effective.cache);
  if (const std::string machine = bindings::machine_of(database);
      database.type == DatabaseType::kAzureServiceOperator && database.high_availability &&
      bindings::is_azure_burstable(machine))
    errors.push_back({"spec.database.azureServiceOperator.sku",
                      machine + " is Burstable, and Azure makes no standby of such a server: choose another "
                                "size, or set spec.database.highAvailability to Disabled"});
  if (cache.type != CacheType::kAzureServiceOperator || !cache.asked || !cache.asked->azure_service_operator)
    return;
  const auto& sku = cache.asked->azure_service_operator->sku;
  if (sku && !bindings::is_azure_redis_sku(*sku))
    errors.push_back({"spec.cache.azureServiceOperator.sku",
                      *sku + " is no size of Azure Cache for Redis: use Basic_C0 to Basic_C6, Standard_C0 to "
                             "Standard_C6 or Premium_P1 to Premium_P5"});
}

void check_bindings(const Spec& spec, Errors& errors) {
  if (spec.database)
    check_keys(spec.database->secret_ref, Component::kDatabase, "spec.database.secretRef", errors);
  if (spec.cache) check_keys(spec.cache->secret_ref, Component::kCache, "spec.cache.secretRef", errors);
  if (spec.messaging)
    check_keys(spec.messaging->secret_ref, Component::kMessaging, "spec.messaging.secretRef", errors);
}

/// The CRD says the same; a certificate is no place to find out that an older one is installed.
void check_tls(const PromptSales& app, Errors& errors) {
  if (!app.spec.tls) return;
  const Tls& tls = *app.spec.tls;
  if (tls.type == TlsType::kSecret && !tls.secret_ref)
    errors.push_back(
        {"spec.tls.secretRef", "type Secret needs it: name the Secret with tls.crt and tls.key"});
  if (tls.type == TlsType::kCertManager && !tls.issuer_ref)
    errors.push_back({"spec.tls.issuerRef", "type CertManager needs it: name the Issuer or ClusterIssuer"});
  const std::string written = app.key.name + "-ca-bundle";
  if (tls.ca_bundle_ref && tls.ca_bundle_ref->kind == BundleKind::kConfigMap &&
      tls.ca_bundle_ref->name == written)
    errors.push_back({"spec.tls.caBundleRef.name",
                      written + " is what the operator writes: name a ConfigMap of your own"});
}

std::string sentences(const Errors& errors) {
  std::string text;
  for (const auto& error : errors) text += (text.empty() ? "" : ". ") + error.str();
  return text;
}

}  // namespace

bool has_cache_of(const PromptSales& app, CacheType type) {
  return k8s::string_at(app.status, {"effective", "cache", "type"}) == text_of(type);
}

std::vector<FieldError> validate(const PromptSales& app, const Effective& effective) {
  const auto& tier = profile_of(app.spec.tier);
  Errors errors;
  check_amounts(effective.backend.resources, "spec.backend.resources", effective, errors);
  check_replicas(app, effective, errors);
  check_autoscaling(effective, errors);
  check_named(effective.database.type, tier.database.has_value(), "spec.database.type", effective, errors);
  check_named(effective.cache.type, tier.cache.has_value(), "spec.cache.type", effective, errors);
  check_embedded(app, effective, errors);
  check_tls(app, errors);
  check_managed(app, effective, errors);
  check_snapshots(effective, errors);
  check_azure(effective, errors);
  check_bindings(app.spec, errors);
  return errors;
}

Result<void> check_spec(const PromptSales& app, const Effective& effective) {
  auto errors = validate(app, effective);
  const std::string reason = errors.empty() ? "NotImplemented" : "InvalidSpec";
  for (auto& error : not_implemented(app)) errors.push_back(std::move(error));
  if (errors.empty()) return {};
  return failure(Remedy::kWaitForSpecChange, reason, sentences(errors));
}

}  // namespace promptsales::controllers
