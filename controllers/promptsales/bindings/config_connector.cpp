// Google Config Connector: SQLInstance with its SQLDatabase and SQLUser (Cloud SQL), and RedisInstance
// (Memorystore). Source: cloud.google.com/config-connector/docs/reference.

#include "base/check.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"
#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/bindings/managed.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using bindings::is_deleted_with;
using bindings::kRedisInstance;
using bindings::kSqlDatabase;
using bindings::kSqlInstance;
using bindings::kSqlUser;
using bindings::managed_object;
using k8s::integer_at;
using k8s::string_at;

const ConfigConnector* database_block(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  if (database.type != DatabaseType::kConfigConnector || !database.asked) return nullptr;
  return database.asked->config_connector ? &*database.asked->config_connector : nullptr;
}

const ConfigConnector* cache_block(const Inputs& inputs) {
  const auto& cache = inputs.effective.cache;
  if (cache.type != CacheType::kConfigConnector || !cache.asked) return nullptr;
  return cache.asked->config_connector ? &*cache.asked->config_connector : nullptr;
}

std::string what(const k8s::Kind& kind, const Inputs& inputs, const std::string& name) {
  return "Config Connector " + std::string{kind.kind} + " " + inputs.app.key.namespace_ + "/" + name;
}

constexpr const char* kDeletionPolicy = "cnrm.cloud.google.com/deletion-policy";
const char* deletion_policy(bool stays) { return stays ? "abandon" : "none"; }

/// Without the second one Config Connector writes what it learns into our spec.
void annotate(Object& object, bool with_the_resource) {
  auto& annotations = object["metadata"]["annotations"];
  annotations[kDeletionPolicy] = deletion_policy(!with_the_resource);
  annotations["cnrm.cloud.google.com/state-into-spec"] = "absent";
}

// Instances are named in their project, where Config Connector takes over what already has the name: without a resourceID
// that would be the object's name, which is unique in its namespace alone.
std::string instance_id(const Inputs& inputs) { return bindings::cloud_name(inputs, Component::kDatabase); }

std::string instance_name(const Inputs& inputs) { return child_name(inputs.app, Component::kDatabase); }
std::string replica_name(const Inputs& inputs) { return instance_name(inputs) + "-read"; }

/// From PostgreSQL 16 on the default edition is Enterprise Plus, which has machines of its own alone.
const char* edition_of(const std::string& tier) {
  return tier.starts_with("db-perf-optimized-") ? "ENTERPRISE_PLUS" : "ENTERPRISE";
}

Json settings_of(const Inputs& inputs, const ConfigConnector& block) {
  const auto& database = inputs.effective.database;
  const auto size = bindings::size_of(database.resources, database.storage);
  Json network{{"ipv4Enabled", false}};
  if (block.network_ref) network["privateNetworkRef"] = {{"name", block.network_ref->name}};
  const std::string tier = bindings::machine_of(database);
  return {{"tier", tier},
          {"edition", edition_of(tier)},
          {"diskSize", std::max<std::int64_t>(size.gibibytes, 10)},  // the least that there is
          {"diskType", "PD_SSD"},
          {"availabilityType", database.high_availability ? "REGIONAL" : "ZONAL"},
          {"ipConfiguration", std::move(network)}};
}

constexpr std::string_view kEngine = "POSTGRES_";

/// Another one is an upgrade in place, which Config Connector begins at once.
std::string engine_of(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  if (database.version) return std::string{kEngine} + *database.version;
  return database.made_as.value_or(std::string{kEngine} + std::string{kNewestPostgres});
}

std::optional<Object> instance(const Inputs& inputs) {
  const auto* block = database_block(inputs);
  if (!block) return std::nullopt;
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kSqlInstance, instance_name(inputs), goes);
  annotate(object, goes);
  object["spec"] = {{"resourceID", instance_id(inputs)},
                    {"databaseVersion", engine_of(inputs)},
                    {"region", block->region},
                    {"settings", settings_of(inputs, *block)}};
  // A standby is not made without the second.
  object["spec"]["settings"]["backupConfiguration"] = {
      {"enabled", true}, {"pointInTimeRecoveryEnabled", inputs.effective.database.high_availability}};
  object["spec"]["settings"]["deletionProtectionEnabled"] = !goes;
  return object;
}

std::optional<Object> replica(const Inputs& inputs) {
  const auto* block = database_block(inputs);
  if (!block || inputs.effective.database.read_replicas == 0) return std::nullopt;
  Object object = managed_object(inputs, Component::kDatabase, kSqlInstance, replica_name(inputs),
                                 /*with_the_resource=*/true);
  annotate(object, /*with_the_resource=*/true);
  object["spec"] = {{"resourceID", instance_id(inputs) + "-read"},
                    {"databaseVersion", engine_of(inputs)},
                    {"region", block->region},
                    {"masterInstanceRef", {{"name", instance_name(inputs)}}},
                    {"settings", settings_of(inputs, *block)}};
  object["spec"]["settings"]["availabilityType"] = "ZONAL";
  return object;
}

std::optional<Object> database_in_it(const Inputs& inputs) {
  if (!database_block(inputs)) return std::nullopt;
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kSqlDatabase, instance_name(inputs), goes);
  annotate(object, goes);
  object["spec"] = {{"instanceRef", {{"name", instance_name(inputs)}}},
                    {"resourceID", bindings::kManagedDatabase}};
  return object;
}

std::optional<Object> user(const Inputs& inputs) {
  if (!database_block(inputs) || !inputs.database) return std::nullopt;
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kSqlUser, instance_name(inputs), goes);
  annotate(object, goes);
  object["spec"] = {
      {"instanceRef", {{"name", instance_name(inputs)}}},
      {"resourceID", inputs.database->username},
      {"password",
       {{"valueFrom", {{"secretKeyRef", {{"name", instance_name(inputs)}, {"key", "password"}}}}}}}};
  return object;
}

std::string memory_store_name(const Inputs& inputs) { return child_name(inputs.app, Component::kCache); }

std::optional<Object> memory_store(const Inputs& inputs) {
  const auto* block = cache_block(inputs);
  if (!block) return std::nullopt;
  const auto& cache = inputs.effective.cache;
  const bool goes = is_deleted_with(inputs, Component::kCache);
  Object object = managed_object(inputs, Component::kCache, kRedisInstance, memory_store_name(inputs), goes);
  annotate(object, goes);
  const auto gibibytes =
      std::max<std::int64_t>(1, (bindings::size_of(cache.resources, "").mebibytes + 1023) / 1024);
  object["spec"] = {
      {"resourceID", bindings::short_cloud_name(inputs, Component::kCache, 40)},
      {"region", block->region},
      {"tier", cache.high_availability ? bindings::kMemorystoreWithStandby : bindings::kMemorystoreAlone},
      {"memorySizeGb", gibibytes},
      {"authEnabled", true},
      {"transitEncryptionMode", "SERVER_AUTHENTICATION"}};
  if (block->network_ref) object["spec"]["authorizedNetworkRef"] = {{"name", block->network_ref->name}};
  return object;
}

/// Ready, with reasons that tell what is under way from what somebody must mend.
Readiness readiness(const k8s::Kind& kind, const Object& object, const Inputs& inputs,
                    const std::string& name) {
  const std::string named = what(kind, inputs, name);
  const Json* ready = k8s::condition_of(object, "Ready");
  if (!ready || !bindings::is_observed(object)) return bindings::provisioning(named, "");
  if (string_at(*ready, {"status"}) == "True") return {};
  const std::string reason = string_at(*ready, {"reason"});
  const std::string words = string_at(*ready, {"message"});
  const bool under_way = reason == "Updating" || reason == "Creating" || reason == "DependencyNotReady";
  return under_way ? bindings::provisioning(named, words) : bindings::failing(named, words);
}

std::optional<std::string> volume_of(const Object& object) {
  return bindings::gibibytes(integer_at(object, {"spec", "settings", "diskSize"}));
}

std::optional<std::string> engine_in(const Object& object) {
  const std::string engine = string_at(object, {"spec", "databaseVersion"});
  return engine.empty() ? std::nullopt : std::optional{engine};
}

std::optional<bool> has_standby(const Object& object) {
  return bindings::said_at(object, {"spec", "settings", "availabilityType"}, "REGIONAL");
}
std::optional<bool> memory_store_has_standby(const Object& object) {
  return bindings::said_at(object, {"spec", "tier"}, bindings::kMemorystoreWithStandby);
}

Readiness instance_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kSqlInstance, object, inputs, instance_name(inputs));
}
Readiness replica_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kSqlInstance, object, inputs, replica_name(inputs));
}
Readiness database_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kSqlDatabase, object, inputs, instance_name(inputs));
}
Readiness user_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kSqlUser, object, inputs, instance_name(inputs));
}
Readiness memory_store_ready(const Object& object, const Inputs& inputs, const Observed&) {
  Readiness readiness = controllers::readiness(kRedisInstance, object, inputs, memory_store_name(inputs));
  const auto* block = cache_block(inputs);
  const std::string tier = string_at(object, {"spec", "tier"});
  if (readiness.ready() && block && block->instance_tier.value_or(tier) != tier)
    readiness.message = "spec.cache.configConnector.instanceTier is " + *block->instance_tier +
                        " and does nothing, as this cache was made as " + tier +
                        " and cannot become another one: set it to " + tier;
  return readiness;
}

Json when_deleted(bool stays) {
  return {{"metadata", {{"annotations", {{kDeletionPolicy, deletion_policy(stays)}}}}}};
}
Json instance_deleted(bool stays) {
  Json patch = when_deleted(stays);
  patch["spec"]["settings"]["deletionProtectionEnabled"] = stays;
  return patch;
}

}  // namespace

const Child children::gcp_instance{.id = "gcp_instance",
                                   .kind = kSqlInstance,
                                   .component = Component::kDatabase,
                                   .retained = true,
                                   .desired = instance,
                                   .ready = instance_ready,
                                   .volume = volume_of,
                                   .made_as = engine_in,
                                   .has_standby = has_standby,
                                   .when_deleted = instance_deleted};
const Child children::gcp_replica{.id = "gcp_replica",
                                  .kind = kSqlInstance,
                                  .component = Component::kDatabase,
                                  .desired = replica,
                                  .ready = replica_ready};
const Child children::gcp_database{.id = "gcp_database",
                                   .kind = kSqlDatabase,
                                   .component = Component::kDatabase,
                                   .retained = true,
                                   .desired = database_in_it,
                                   .ready = database_ready,
                                   .when_deleted = when_deleted};
const Child children::gcp_user{.id = "gcp_user",
                               .kind = kSqlUser,
                               .component = Component::kDatabase,
                               .retained = true,
                               .desired = user,
                               .ready = user_ready,
                               .when_deleted = when_deleted};
const Child children::gcp_cache{.id = "gcp_cache",
                                .kind = kRedisInstance,
                                .component = Component::kCache,
                                .retained = true,
                                .desired = memory_store,
                                .ready = memory_store_ready,
                                .has_standby = memory_store_has_standby,
                                .when_deleted = when_deleted};

namespace bindings {
namespace {

constexpr std::string_view kPostgresName = "gcp-sql";
constexpr std::string_view kRedisName = "gcp-memorystore";

std::string address_of(const Object& object) {
  for (const char* field : {"privateIpAddress", "publicIpAddress", "dnsName"})
    if (auto address = string_at(object, {"status", field}); !address.empty()) return address;
  return "";
}

Result<Entries> database(const Inputs& inputs, Sources& sources) {
  PS_CHECK(inputs.database);
  const std::string name = instance_name(inputs);
  const auto object = sources.object(kSqlInstance, name);
  if (!object) return Failure{object.error()};
  const std::string named = what(kSqlInstance, inputs, name);
  if (!*object) return not_yet(named);
  const std::string host = address_of(**object);
  if (host.empty()) return no_address(instance_ready(**object, inputs, {}), named);
  const std::string ca = string_at(**object, {"status", "serverCaCert", "cert"});
  Postgres postgres{.provider = std::string{kPostgresName},
                    .host = host,
                    .username = inputs.database->username,
                    .password = inputs.database->password,
                    .database = std::string{kManagedDatabase},
                    // The certificate names the instance, not its address.
                    .sslmode = ca.empty() ? "require" : "verify-ca",
                    .ca = ca};
  if (inputs.effective.database.read_replicas > 0) {
    const auto copy = sources.object(kSqlInstance, replica_name(inputs));
    if (!copy) return Failure{copy.error()};
    if (*copy) postgres.read_host = address_of(**copy);
  }
  return entries_of(postgres);
}

Result<Entries> cache(const Inputs& inputs, Sources& sources) {
  const std::string name = memory_store_name(inputs);
  const auto object = sources.object(kRedisInstance, name);
  if (!object) return Failure{object.error()};
  const std::string named = what(kRedisInstance, inputs, name);
  if (!*object) return not_yet(named);
  const std::string host = string_at(**object, {"status", "host"});
  const std::string password = string_at(**object, {"status", "observedState", "authString"});
  if (host.empty() || password.empty()) return no_address(memory_store_ready(**object, inputs, {}), named);
  Redis redis{.provider = std::string{kRedisName},
              .host = host,
              .port = std::to_string(integer_at(**object, {"status", "port"}, 6378)),
              .password = password,
              .ssl = true};
  const Json* certificates = k8s::at_path(**object, {"status", "serverCaCerts"});
  for (const Json& each : certificates ? *certificates : Json::array()) {
    redis.ca += string_at(each, {"cert"});
    if (!redis.ca.empty() && redis.ca.back() != '\n') redis.ca += '\n';
  }
  return entries_of(redis);
}

}  // namespace

const Provider providers::gcp_database{Component::kDatabase, "ConfigConnector", kPostgresName, database};
const Provider providers::gcp_cache{Component::kCache, "ConfigConnector", kRedisName, cache};

}  // namespace bindings
}  // namespace promptsales::controllers
