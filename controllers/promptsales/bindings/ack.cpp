// AWS Controllers for Kubernetes: DBInstance (RDS) and ReplicationGroup (ElastiCache).
// Source: aws-controllers-k8s/rds-controller and elasticache-controller, apis/v1alpha1.

#include "base/check.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"
#include "controllers/promptsales/bindings/machines.hpp"
#include "controllers/promptsales/bindings/managed.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/conditions.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers {
namespace {

using bindings::cloud_name;
using bindings::is_deleted_with;
using bindings::kDbInstance;
using bindings::kReplicationGroup;
using bindings::managed_object;
using k8s::integer_at;
using k8s::string_at;

const AckDatabase* database_block(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  if (database.type != DatabaseType::kAck || !database.asked || !database.asked->ack) return nullptr;
  return &*database.asked->ack;
}

const AckCache* cache_block(const Inputs& inputs) {
  const auto& cache = inputs.effective.cache;
  if (cache.type != CacheType::kAck || !cache.asked || !cache.asked->ack) return nullptr;
  return &*cache.asked->ack;
}

std::string what(const k8s::Kind& kind, const Inputs& inputs, const std::string& name) {
  return "ACK " + std::string{kind.kind} + " " + inputs.app.key.namespace_ + "/" + name;
}

constexpr const char* kDeletionPolicy = "services.k8s.aws/deletion-policy";
const char* deletion_policy(bool stays) { return stays ? "retain" : "delete"; }

/// Where it is made, and what becomes of the real thing when the object goes.
void annotate(Object& object, const std::string& region, bool with_the_resource) {
  object["metadata"]["annotations"]["services.k8s.aws/region"] = region;
  object["metadata"]["annotations"][kDeletionPolicy] = deletion_policy(!with_the_resource);
}

/// Annotations of the RDS controller; without them nothing is left of an instance that goes. Of two resources that
/// have had the same name one after the other each has its own: RDS makes no second snapshot of a name.
void leave_a_snapshot(Object& object, const Inputs& inputs) {
  auto& annotations = object["metadata"]["annotations"];
  annotations["rds.services.k8s.aws/skip-final-snapshot"] = "false";
  annotations["rds.services.k8s.aws/final-db-snapshot-identifier"] =
      cloud_name(inputs, Component::kDatabase) + "-" + k8s::sha256_hex(inputs.app.uid).substr(0, 8);
}

Json password_of(const Inputs& inputs, Component component) {
  return {{"namespace", inputs.app.key.namespace_},
          {"name", child_name(inputs.app, component)},
          {"key", "password"}};
}

std::string instance_name(const Inputs& inputs) { return child_name(inputs.app, Component::kDatabase); }
std::string replica_name(const Inputs& inputs) { return instance_name(inputs) + "-read"; }

std::optional<Object> instance(const Inputs& inputs) {
  const auto* block = database_block(inputs);
  if (!block || !inputs.database) return std::nullopt;
  const auto& database = inputs.effective.database;
  const auto size = bindings::size_of(database.resources, database.storage);
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kDbInstance, instance_name(inputs), goes);
  annotate(object, block->region, goes);
  if (database.deletion_policy == DeletionPolicy::kSnapshot) leave_a_snapshot(object, inputs);
  object["spec"] = {{"dbInstanceIdentifier", cloud_name(inputs, Component::kDatabase)},
                    {"dbInstanceClass", bindings::machine_of(database)},
                    {"engine", "postgres"},
                    {"allocatedStorage", std::max<std::int64_t>(size.gibibytes, 20)},  // the least of gp3
                    {"storageType", "gp3"},
                    {"storageEncrypted", true},
                    {"multiAZ", database.high_availability},
                    {"publiclyAccessible", false},
                    {"deletionProtection", !goes},
                    {"dbName", bindings::kManagedDatabase},
                    {"masterUsername", inputs.database->username},
                    {"masterUserPassword", password_of(inputs, Component::kDatabase)}};
  if (database.version) object["spec"]["engineVersion"] = *database.version;
  if (block->db_subnet_group_ref)
    object["spec"]["dbSubnetGroupRef"] = {{"from", {{"name", block->db_subnet_group_ref->name}}}};
  if (!block->vpc_security_group_ids.empty())
    object["spec"]["vpcSecurityGroupIDs"] = block->vpc_security_group_ids;
  return object;
}

/// A copy holds nothing of its own: it goes when it is no longer wanted.
std::optional<Object> replica(const Inputs& inputs) {
  const auto* block = database_block(inputs);
  if (!block || inputs.effective.database.read_replicas == 0) return std::nullopt;
  Object object = managed_object(inputs, Component::kDatabase, kDbInstance, replica_name(inputs),
                                 /*with_the_resource=*/true);
  annotate(object, block->region, /*with_the_resource=*/true);
  object["spec"] = {{"dbInstanceIdentifier", cloud_name(inputs, Component::kDatabase) + "-read"},
                    {"sourceDBInstanceIdentifier", cloud_name(inputs, Component::kDatabase)},
                    {"dbInstanceClass", bindings::machine_of(inputs.effective.database)},
                    {"engine", "postgres"},
                    {"publiclyAccessible", false}};
  if (!block->vpc_security_group_ids.empty())  // else it has those of the VPC, not those of its source
    object["spec"]["vpcSecurityGroupIDs"] = block->vpc_security_group_ids;
  return object;
}

/// Both ACK.ResourceSynced and its successor Ready say that the real thing is as the spec wants it.
Readiness readiness(const k8s::Kind& kind, const Object& object, const Inputs& inputs,
                    const std::string& name) {
  const std::string named = what(kind, inputs, name);
  const auto words = [&](std::string_view type) {
    const Json* condition = k8s::condition_of(object, type);
    return condition ? string_at(*condition, {"message"}) : "";
  };
  if (k8s::has_condition(object, "ACK.Terminal")) return bindings::refused(named, words("ACK.Terminal"));
  if (k8s::has_condition(object, "ACK.Recoverable"))
    return bindings::failing(named, words("ACK.Recoverable"));
  if (k8s::has_condition(object, "Ready") || k8s::has_condition(object, "ACK.ResourceSynced")) return {};
  return bindings::provisioning(named, words("ACK.ResourceSynced"));
}

std::optional<std::string> volume_of(const Object& object) {
  return bindings::gibibytes(integer_at(object, {"spec", "allocatedStorage"}));
}

std::optional<bool> has_standby(const Object& object) {
  return bindings::said_at(object, {"spec", "multiAZ"}, true);
}

Readiness instance_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kDbInstance, object, inputs, instance_name(inputs));
}
Readiness replica_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return readiness(kDbInstance, object, inputs, replica_name(inputs));
}

std::string group_name(const Inputs& inputs) { return child_name(inputs.app, Component::kCache); }

std::optional<Object> group(const Inputs& inputs) {
  const auto* block = cache_block(inputs);
  if (!block || !inputs.cache) return std::nullopt;
  const auto& cache = inputs.effective.cache;
  const auto replicas = std::max<std::int64_t>(cache.high_availability ? 1 : 0, cache.replicas_per_shard);
  const bool goes = is_deleted_with(inputs, Component::kCache);
  Object object = managed_object(inputs, Component::kCache, kReplicationGroup, group_name(inputs), goes);
  annotate(object, block->region, goes);
  object["spec"] = {
      {"replicationGroupID", bindings::short_cloud_name(inputs, Component::kCache, 40)},
      {"description", "Cache of PromptSales " + inputs.app.key.str()},
      {"engine", "valkey"},
      {"cacheNodeType",
       block->node_type.value_or(bindings::elasticache_node(bindings::size_of(cache.resources, "")))},
      {"numNodeGroups", 1},  // the backend follows no redirection to the node of another shard
      {"replicasPerNodeGroup", replicas},
      {"automaticFailoverEnabled", replicas > 0 || cache.made_as},  // cluster mode demands it
      {"multiAZEnabled", cache.high_availability},
      {"transitEncryptionEnabled", true},  // can only be set when it is made
      {"atRestEncryptionEnabled", true},
      {"authToken", password_of(inputs, Component::kCache)}};
  if (block->cache_subnet_group_name)
    object["spec"]["cacheSubnetGroupName"] = *block->cache_subnet_group_name;
  if (!block->security_group_ids.empty()) object["spec"]["securityGroupIDs"] = block->security_group_ids;
  if (cache.made_as) object["spec"].update(Json::parse(*cache.made_as));
  return object;
}

std::int64_t shards_of(const Object& object) { return integer_at(object, {"spec", "numNodeGroups"}, 1); }

/// Older operators made groups of several shards. ElastiCache takes none out of cluster mode, and what is cached is lost with
/// shards that go.
std::optional<std::string> cluster_mode_in(const Object& object) {
  const bool is_cluster = shards_of(object) > 1 ||
                          string_at(object, {"spec", "cacheParameterGroupName"}).ends_with(".cluster.on");
  if (!is_cluster) return std::nullopt;
  Json kept = Json::object();
  for (const char* field :
       {"numNodeGroups", "cacheParameterGroupName", "engineVersion", "autoMinorVersionUpgrade"})
    if (const Json* value = k8s::at_path(object, {"spec", field})) kept[field] = *value;
  return kept.dump();
}

std::optional<bool> group_has_standby(const Object& object) {
  return bindings::said_at(object, {"spec", "multiAZEnabled"}, true);
}

Readiness group_ready(const Object& object, const Inputs& inputs, const Observed&) {
  const std::string name = group_name(inputs);
  Readiness ready = readiness(kReplicationGroup, object, inputs, name);
  if (!ready.ready()) return ready;
  const auto* spec = inputs.app.spec.cache ? &*inputs.app.spec.cache : nullptr;
  if (shards_of(object) == 1 && spec && spec->shards.value_or(1) > 1)  // else refused (validate.hpp)
    return {Readiness::State::kFailed, "NotImplemented",
            "spec.cache.shards: more than one is not acted on by this version of the operator, whose backend "
            "follows no redirections of a cluster; the cache has one: set it to 1",
            /*stalled=*/true};
  if (shards_of(object) == 1) return ready;
  return {Readiness::State::kFailed, "CacheSharded",
          what(kReplicationGroup, inputs, name) + " was made with " + std::to_string(shards_of(object)) +
              " shards and stays so; the backend follows no redirections between them, and reads and empties "
              "a part of the keys only. For a cache of one shard, in which nothing of this one is, set "
              "spec.cache.deletionPolicy to Delete and then kubectl -n " +
              inputs.app.key.namespace_ + " delete " + kReplicationGroup.resource() + " " + name +
              ": another one is made when it has gone; or name one of yours by type Secret",
          /*stalled=*/true};
}

Json group_deleted(bool stays) {
  return {{"metadata", {{"annotations", {{kDeletionPolicy, deletion_policy(stays)}}}}}};
}
Json instance_deleted(bool stays) {
  Json patch = group_deleted(stays);
  patch["spec"]["deletionProtection"] = stays;
  return patch;
}

}  // namespace

const Child children::ack_instance{.id = "ack_instance",
                                   .kind = kDbInstance,
                                   .component = Component::kDatabase,
                                   .retained = true,
                                   .desired = instance,
                                   .ready = instance_ready,
                                   .volume = volume_of,
                                   .has_standby = has_standby,
                                   .when_deleted = instance_deleted};
const Child children::ack_replica{.id = "ack_replica",
                                  .kind = kDbInstance,
                                  .component = Component::kDatabase,
                                  .desired = replica,
                                  .ready = replica_ready};
const Child children::ack_cache{.id = "ack_cache",
                                .kind = kReplicationGroup,
                                .component = Component::kCache,
                                .retained = true,
                                .desired = group,
                                .ready = group_ready,
                                .made_as = cluster_mode_in,
                                .has_standby = group_has_standby,
                                .when_deleted = group_deleted};

namespace bindings {
namespace {

constexpr std::string_view kPostgresName = "aws-rds";
constexpr std::string_view kRedisName = "aws-elasticache";

std::string port_at(const Object& object, std::initializer_list<std::string_view> path,
                    const char* otherwise) {
  const auto port = k8s::integer_at(object, path);
  return port == 0 ? otherwise : std::to_string(port);
}

Result<Entries> database(const Inputs& inputs, Sources& sources) {
  PS_CHECK(inputs.database);
  const std::string name = instance_name(inputs);
  const auto object = sources.object(kDbInstance, name);
  if (!object) return Failure{object.error()};
  if (!*object) return not_yet(what(kDbInstance, inputs, name));
  Postgres postgres{
      .provider = std::string{kPostgresName},
      .host = string_at(**object, {"status", "endpoint", "address"}),
      .port = port_at(**object, {"status", "endpoint", "port"}, "5432"),
      .username = inputs.database->username,
      .password = inputs.database->password,
      .database = std::string{kManagedDatabase},
      .sslmode = inputs.trusted.empty() ? "require" : "verify-full",  // RDS' CAs are in no public bundle
      .ca = inputs.trusted};
  if (postgres.host.empty())
    return no_address(instance_ready(**object, inputs, {}), what(kDbInstance, inputs, name));
  if (inputs.effective.database.read_replicas > 0) {
    const auto copy = sources.object(kDbInstance, replica_name(inputs));
    if (!copy) return Failure{copy.error()};
    if (*copy) postgres.read_host = string_at(**copy, {"status", "endpoint", "address"});
    if (*copy && !postgres.read_host.empty())
      postgres.read_port = port_at(**copy, {"status", "endpoint", "port"}, "5432");
  }
  return entries_of(postgres);
}

Result<Entries> cache(const Inputs& inputs, Sources& sources) {
  PS_CHECK(inputs.cache);
  const std::string name = group_name(inputs);
  const auto object = sources.object(kReplicationGroup, name);
  if (!object) return Failure{object.error()};
  if (!*object) return not_yet(what(kReplicationGroup, inputs, name));
  Json endpoint = Json::object();
  if (const Json* found = k8s::at_path(**object, {"status", "configurationEndpoint"}))
    endpoint = *found;  // of a group in cluster mode, whose shards have none of their own
  const Json* groups = k8s::at_path(**object, {"status", "nodeGroups"});
  if (groups && groups->is_array() && !groups->empty())
    if (const Json* found = k8s::at_path(groups->front(), {"primaryEndpoint"})) endpoint = *found;
  Redis redis{.provider = std::string{kRedisName},
              .host = string_at(endpoint, {"address"}),
              .port = port_at(endpoint, {"port"}, "6379"),
              .password = inputs.cache->password,
              .ssl = true};
  if (redis.host.empty())
    return no_address(group_ready(**object, inputs, {}), what(kReplicationGroup, inputs, name));
  if (shards_of(**object) > 1) redis.cluster_nodes = redis.host + ":" + redis.port;
  return entries_of(redis);
}

}  // namespace

const Provider providers::ack_database{Component::kDatabase, "ACK", kPostgresName, database};
const Provider providers::ack_cache{Component::kCache, "ACK", kRedisName, cache};

}  // namespace bindings
}  // namespace promptsales::controllers
