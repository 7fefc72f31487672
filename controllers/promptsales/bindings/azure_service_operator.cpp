// Azure Service Operator: FlexibleServer with its database (Azure Database for PostgreSQL), and Redis.
// Source: azure/azure-service-operator, docs/hugo/content/reference and guide/secrets.md.

#include "base/check.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"
#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/bindings/managed.hpp"
#include "controllers/promptsales/bindings/secret.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using bindings::is_deleted_with;
using bindings::kAzureRedis;
using bindings::kFlexibleDatabase;
using bindings::kFlexibleServer;
using bindings::managed_object;
using k8s::string_at;

const AzureServiceOperator* database_block(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  if (database.type != DatabaseType::kAzureServiceOperator || !database.asked) return nullptr;
  return database.asked->azure_service_operator ? &*database.asked->azure_service_operator : nullptr;
}

const AzureServiceOperator* cache_block(const Inputs& inputs) {
  const auto& cache = inputs.effective.cache;
  if (cache.type != CacheType::kAzureServiceOperator || !cache.asked) return nullptr;
  return cache.asked->azure_service_operator ? &*cache.asked->azure_service_operator : nullptr;
}

std::string what(const k8s::Kind& kind, const Inputs& inputs, const std::string& name) {
  return "Azure " + std::string{kind.kind} + " " + inputs.app.key.namespace_ + "/" + name;
}

constexpr const char* kReconcilePolicy = "serviceoperator.azure.com/reconcile-policy";
/// "detach-on-delete" leaves the real thing where it is when the object goes.
const char* reconcile_policy(bool stays) { return stays ? "detach-on-delete" : "manage"; }

void annotate(Object& object, bool with_the_resource) {
  object["metadata"]["annotations"][kReconcilePolicy] = reconcile_policy(!with_the_resource);
}

std::string server_name(const Inputs& inputs) { return child_name(inputs.app, Component::kDatabase); }
std::string redis_name(const Inputs& inputs) { return child_name(inputs.app, Component::kCache); }
/// Where the provider writes what it learns.
std::string outputs_name(const std::string& name) { return name + "-azure"; }

Json output(const std::string& name, const char* key) { return {{"name", outputs_name(name)}, {"key", key}}; }

/// Standard_B2s → Burstable, Standard_E4ds_v5 → MemoryOptimized.
const char* sku_tier(const std::string& sku) {
  return bindings::is_azure_burstable(sku) ? "Burstable"
         : sku.starts_with("Standard_E")   ? "MemoryOptimized"
                                           : "GeneralPurpose";
}

std::optional<Object> server(const Inputs& inputs) {
  const auto* block = database_block(inputs);
  if (!block || !inputs.database) return std::nullopt;
  const auto& database = inputs.effective.database;
  const auto size = bindings::size_of(database.resources, database.storage);
  const std::string name = server_name(inputs);
  const std::string sku = bindings::machine_of(database);
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kFlexibleServer, name, goes);
  annotate(object, goes);
  object["spec"] = {
      {"azureName", bindings::cloud_name(inputs, Component::kDatabase)},
      {"location", block->location},
      {"owner", {{"name", block->resource_group_ref.name}}},
      {"version", database.version.value_or(database.made_as.value_or(std::string{kNewestPostgres}))},
      {"sku", {{"name", sku}, {"tier", sku_tier(sku)}}},
      {"storage", {{"storageSizeGB", bindings::azure_disk(size.gibibytes)}}},
      {"highAvailability", {{"mode", database.high_availability ? "ZoneRedundant" : "Disabled"}}},
      {"administratorLogin", inputs.database->username},
      {"administratorLoginPassword", {{"name", name}, {"key", "password"}}},
      {"operatorSpec", {{"secrets", {{"fullyQualifiedDomainName", output(name, "host")}}}}}};
  return object;
}

std::optional<Object> database_in_it(const Inputs& inputs) {
  if (!database_block(inputs)) return std::nullopt;
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kFlexibleDatabase, server_name(inputs), goes);
  annotate(object, goes);
  object["spec"] = {{"azureName", bindings::kManagedDatabase}, {"owner", {{"name", server_name(inputs)}}}};
  return object;
}

/// Standard_C2 → {Standard, C, 2}. REQUIRES is_azure_redis_sku(), which validate() sees to
Json redis_sku(const std::string& sku) {
  const auto bar = sku.find('_');
  return {{"name", sku.substr(0, bar)}, {"family", sku.substr(bar + 1, 1)}, {"capacity", sku.back() - '0'}};
}

std::optional<Object> redis(const Inputs& inputs) {
  const auto* block = cache_block(inputs);
  if (!block) return std::nullopt;
  const auto size = bindings::size_of(inputs.effective.cache.resources, "");
  const std::string name = redis_name(inputs);
  const bool goes = is_deleted_with(inputs, Component::kCache);
  Object object = managed_object(inputs, Component::kCache, kAzureRedis, name, goes);
  annotate(object, goes);
  object["spec"] = {{"azureName", bindings::cloud_name(inputs, Component::kCache)},
                    {"location", block->location},
                    {"owner", {{"name", block->resource_group_ref.name}}},
                    {"sku", redis_sku(block->sku.value_or(bindings::azure_redis_sku(size)))},
                    {"enableNonSslPort", false},
                    {"minimumTlsVersion", "1.2"},
                    {"operatorSpec",
                     {{"secrets",
                       {{"primaryKey", output(name, "password")},
                        {"hostName", output(name, "host")},
                        {"sslPort", output(name, "port")}}}}}};
  return object;
}

/// Ready, whose severity tells a refusal from a failure that is tried again and from news of progress.
Readiness readiness(const k8s::Kind& kind, const Object& object, const Inputs& inputs,
                    const std::string& name) {
  const std::string named = what(kind, inputs, name);
  const Json* ready = k8s::condition_of(object, "Ready");
  if (!ready) return bindings::provisioning(named, "");
  const bool is_newest =
      k8s::integer_at(*ready, {"observedGeneration"}) >= k8s::integer_at(object, {"metadata", "generation"});
  const std::string severity = string_at(*ready, {"severity"});
  const std::string words = string_at(*ready, {"message"});
  if (!is_newest) return bindings::provisioning(named, words);
  if (string_at(*ready, {"status"}) == "True") return {};
  if (severity == "Error") return bindings::refused(named, words);
  if (severity == "Warning") return bindings::failing(named, words);
  return bindings::provisioning(named, words);
}

std::optional<std::string> volume_of(const Object& object) {
  return bindings::gibibytes(k8s::integer_at(object, {"spec", "storage", "storageSizeGB"}));
}

std::optional<std::string> version_in(const Object& object) {
  const std::string version = string_at(object, {"spec", "version"});
  return version.empty() ? std::nullopt : std::optional{version};
}

std::optional<bool> has_standby(const Object& object) {
  const auto has_none = bindings::said_at(object, {"spec", "highAvailability", "mode"}, "Disabled");
  return has_none ? std::optional{!*has_none} : std::nullopt;
}

Readiness server_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kFlexibleServer, object, inputs, server_name(inputs));
}
Readiness database_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kFlexibleDatabase, object, inputs, server_name(inputs));
}
Readiness redis_ready(const Object& object, const Inputs& inputs, const Observed&) {
  Readiness ready = readiness(kAzureRedis, object, inputs, redis_name(inputs));
  const auto& cache = inputs.app.spec.cache;
  if (ready.ready() && cache && cache->high_availability)  // else refused (validate.hpp)
    ready.message =
        "spec.cache.highAvailability does nothing here: remove it; a cache of size Standard or Premium has a "
        "replica, one of size Basic has none (azureServiceOperator.sku)";
  return ready;
}

Json when_deleted(bool stays) {
  return {{"metadata", {{"annotations", {{kReconcilePolicy, reconcile_policy(stays)}}}}}};
}

}  // namespace

const Child children::azure_server{.id = "azure_server",
                                   .kind = kFlexibleServer,
                                   .component = Component::kDatabase,
                                   .retained = true,
                                   .desired = server,
                                   .ready = server_ready,
                                   .volume = volume_of,
                                   .made_as = version_in,
                                   .has_standby = has_standby,
                                   .when_deleted = when_deleted};
const Child children::azure_database{.id = "azure_database",
                                     .kind = kFlexibleDatabase,
                                     .component = Component::kDatabase,
                                     .retained = true,
                                     .desired = database_in_it,
                                     .ready = database_ready,
                                     .when_deleted = when_deleted};
const Child children::azure_cache{.id = "azure_cache",
                                  .kind = kAzureRedis,
                                  .component = Component::kCache,
                                  .retained = true,
                                  .desired = redis,
                                  .ready = redis_ready,
                                  .when_deleted = when_deleted};

namespace bindings {
namespace {

constexpr std::string_view kPostgresName = "azure-flexible";
constexpr std::string_view kRedisName = "azure-redis";

/// The Secret that the provider writes once the server is there; that it is not is no mistake of anybody.
Result<std::optional<Entries>> outputs(const k8s::Kind& kind, const Inputs& inputs, Sources& sources,
                                       const std::string& name,
                                       Readiness (*ready)(const Object&, const Inputs&, const Observed&)) {
  const auto object = sources.object(kind, name);
  if (!object) return Failure{object.error()};
  if (!*object) return not_yet(what(kind, inputs, name));
  auto content = sources.secret(outputs_name(name));
  if (!content) return Failure{content.error()};
  if (!*content || value_of(**content, "host").empty())
    return no_address(ready(**object, inputs, {}), what(kind, inputs, name));
  return content;
}

Result<Entries> database(const Inputs& inputs, Sources& sources) {
  PS_CHECK(inputs.database);
  const auto known = outputs(kFlexibleServer, inputs, sources, server_name(inputs), server_ready);
  if (!known) return Failure{known.error()};
  return entries_of(Postgres{.provider = std::string{kPostgresName},
                             .host = value_of(**known, "host"),
                             .username = inputs.database->username,
                             .password = inputs.database->password,
                             .database = std::string{kManagedDatabase},
                             .sslmode = "verify-full"});  // by CAs that every machine trusts
}

Result<Entries> cache(const Inputs& inputs, Sources& sources) {
  const auto known = outputs(kAzureRedis, inputs, sources, redis_name(inputs), redis_ready);
  if (!known) return Failure{known.error()};
  Redis redis{.provider = std::string{kRedisName},
              .host = value_of(**known, "host"),
              .port = value_of(**known, "port"),
              .password = value_of(**known, "password"),
              .ssl = true};
  if (redis.port.empty() || redis.password.empty())
    return not_yet(what(kAzureRedis, inputs, redis_name(inputs)));
  return entries_of(redis);
}

}  // namespace

const Provider providers::azure_database{Component::kDatabase, "AzureServiceOperator", kPostgresName,
                                         database};
const Provider providers::azure_cache{Component::kCache, "AzureServiceOperator", kRedisName, cache};

}  // namespace bindings
}  // namespace promptsales::controllers
