// CloudNativePG: a Cluster of our own with a Pooler in front of it, or a database and a role in a Cluster
// that is there. Source: cloudnative-pg/cloudnative-pg, config/crd/bases and docs/src, 1.30.

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/bindings/inside.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"
#include "controllers/promptsales/bindings/managed.hpp"
#include "controllers/promptsales/bindings/secret.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/connections.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/servers.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using bindings::is_deleted_with;
using bindings::kCnpgCluster;
using bindings::kCnpgDatabase;
using bindings::kCnpgPooler;
using bindings::kCnpgRole;
using bindings::managed_object;
using k8s::integer_at;
using k8s::string_at;

bool is_asked(const Inputs& inputs) { return inputs.effective.database.type == DatabaseType::kCloudNativePg; }

std::optional<std::string> existing_cluster(const Inputs& inputs) {
  return named_cluster(inputs.effective.database);
}

bool makes_cluster(const Inputs& inputs) { return is_asked(inputs) && !existing_cluster(inputs); }

std::string cluster_name(const Inputs& inputs) {
  return existing_cluster(inputs).value_or(child_name(inputs.app, Component::kDatabase));
}
std::string pooler_name(const Inputs& inputs) {
  return child_name(inputs.app, Component::kDatabase) + "-pooler";  // never the name of a Cluster
}

std::string what(const k8s::Kind& kind, const Inputs& inputs, const std::string& name) {
  return "CloudNativePG " + std::string{kind.kind} + " " + inputs.app.key.namespace_ + "/" + name;
}

constexpr std::string_view kImages =
    "ghcr.io/cloudnative-pg/postgresql:";  // one a major version, and many more

std::optional<Object> cluster(const Inputs& inputs) {
  if (!makes_cluster(inputs)) return std::nullopt;
  const auto& database = inputs.effective.database;
  Object object = managed_object(inputs, Component::kDatabase, kCnpgCluster, cluster_name(inputs),
                                 is_deleted_with(inputs, Component::kDatabase));
  Json storage{{"size", database.storage}};
  if (database.storage_class_name) storage["storageClass"] = *database.storage_class_name;
  // Its pooler ignores what the backend asks for when it connects. Of the role alone: CloudNativePG's own
  // statements, such as the beginning of a backup, take as long as they take.
  const Json settings_of_the_role = {"ALTER ROLE " + std::string{bindings::kManagedDatabase} +
                                     " SET statement_timeout = '2s'"};
  object["spec"] = {
      {"instances", database_servers(database)},
      {"storage", std::move(storage)},
      {"resources", resources_of(database.resources)},
      {"bootstrap",
       {{"initdb",
         {{"database", bindings::kManagedDatabase},
          {"owner", bindings::kManagedDatabase},
          {"postInitApplicationSQL", settings_of_the_role}}}}},
      {"postgresql", {{"parameters", {{"max_connections", std::to_string(database.max_connections)}}}}},
      {"affinity", {{"enablePodAntiAffinity", true}, {"topologyKey", inputs.effective.spread.topology_key}}},
      {"enablePDB", database_servers(database) > 1}};  // of a single server it would block every drain
  if (database.version)
    object["spec"]["imageName"] = std::string{kImages} + *database.version;
  else if (database.made_as)
    object["spec"]["imageName"] = *database.made_as;
  return object;
}

/// The image that spec.database.version asked for, which stays when the field is taken out; nothing for one that
/// CloudNativePG or a person has chosen, which is none of our business.
std::optional<std::string> image_in(const Object& object) {
  const std::string image = string_at(object, {"spec", "imageName"});
  const bool is_ours = image.starts_with(kImages) && image.size() == kImages.size() + 2;
  return is_ours ? std::optional{image} : std::nullopt;
}

/// Of more than one server nothing is known: copies that serve reads are the same ones, and those are the tier's.
std::optional<bool> has_standby(const Object& object) {
  return integer_at(object, {"spec", "instances"}, 1) > 1 ? std::nullopt : std::optional{false};
}

std::optional<std::string> volume_of(const Object& object) {
  const std::string size = string_at(object, {"spec", "storage", "size"});
  return size.empty() ? std::nullopt : std::optional{size};
}

/// How phases begin that a person has to end. All others are steps of a start, a change or a recovery.
/// Source: CloudNativePG 1.30, api/v1/cluster_types.go.
constexpr std::array<std::string_view, 7> kFailures{
    "Cluster is unrecoverable", "Cluster cannot ",       "Cluster has incomplete or invalid image catalog",
    "Unable to create ",        "Not enough disk space", "Invalid cluster definition",
    "Waiting for user action",
};

/// Whether the resource has said of this spec already that its database serves.
bool has_served(const PromptSales& app) {
  const Json* before = k8s::condition_in(app.status, "DatabaseReady");
  return before && string_at(*before, {"status"}) == "True" &&
         integer_at(*before, {"observedGeneration"}, -1) == app.generation;
}

Readiness cluster_ready(const Object& object, const Inputs& inputs, const Observed&) {
  const std::string name = what(kCnpgCluster, inputs, cluster_name(inputs));
  const std::string phase = string_at(object, {"status", "phase"});
  const std::string words = phase + (string_at(object, {"status", "phaseReason"}).empty()
                                         ? ""
                                         : ": " + string_at(object, {"status", "phaseReason"}));
  const auto serving = integer_at(object, {"status", "readyInstances"});
  const auto wanted = integer_at(object, {"spec", "instances"}, 1);
  if (k8s::has_condition(object, "Ready") && serving >= wanted) return {};
  if (std::ranges::any_of(kFailures, [&](auto failure) { return phase.starts_with(failure); }))
    return bindings::failing(name, words);
  if (serving < 1 || !has_served(inputs.app)) return bindings::provisioning(name, words);
  return {Readiness::State::kReady, std::string{bindings::kProvisioning},
          std::to_string(serving) + " of " + std::to_string(wanted) + " instances of " + name + " serve" +
              (words.empty() ? "" : ": " + words)};
}

std::optional<Object> pooler(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  if (!makes_cluster(inputs) || database.pooler_instances == 0) return std::nullopt;
  Object object = managed_object(inputs, Component::kDatabase, kCnpgPooler, pooler_name(inputs),
                                 /*with_the_resource=*/true);
  // The backend prepares its statements; PgBouncer keeps them across transactions from 1.21 on.
  object["spec"] = {{"cluster", {{"name", cluster_name(inputs)}}},
                    {"instances", database.pooler_instances},
                    {"type", "rw"},
                    {"pgbouncer",
                     {{"poolMode", text_of(database.pool_mode)},
                      {"parameters",
                       {{"max_client_conn", std::to_string(kPoolerClients)},
                        {"default_pool_size", std::to_string(pooler_connections(database))},
                        {"max_prepared_statements", "200"}}}}}};
  return object;
}

Readiness pooler_ready(const Object& object, const Inputs& inputs, const Observed&) {
  const auto wanted = integer_at(object, {"spec", "instances"}, 1);
  const auto scheduled = integer_at(object, {"status", "instances"});  // which need not run
  const std::string name = pooler_name(inputs);
  if (scheduled < wanted)
    return bindings::provisioning(what(kCnpgPooler, inputs, name),
                                  std::to_string(scheduled) + " of " + std::to_string(wanted) + " pods");
  return {Readiness::State::kReady, "",
          "whether the pods of Pooler " + name + " run is said by kubectl -n " + inputs.app.key.namespace_ +
              " get deployment " + name};
}

const char* reclaim_policy(bool stays) { return stays ? "retain" : "delete"; }

std::optional<Object> role(const Inputs& inputs) {
  const auto shared = existing_cluster(inputs);
  if (!shared || !inputs.database) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kDatabase);
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kCnpgRole, name, goes);
  object["spec"] = {{"cluster", {{"name", *shared}}},
                    {"name", inputs.database->username},
                    {"login", true},
                    {"passwordSecret", {{"name", bindings::login_secret(inputs, Component::kDatabase)}}},
                    {"databaseRoleReclaimPolicy", reclaim_policy(!goes)}};
  return object;
}

std::optional<Object> shared_database(const Inputs& inputs) {
  const auto shared = existing_cluster(inputs);
  if (!shared || !inputs.database) return std::nullopt;
  const bool goes = is_deleted_with(inputs, Component::kDatabase);
  Object object = managed_object(inputs, Component::kDatabase, kCnpgDatabase,
                                 child_name(inputs.app, Component::kDatabase), goes);
  object["spec"] = {{"cluster", {{"name", *shared}}},
                    {"name", inputs.database->username},
                    {"owner", inputs.database->username},
                    {"ensure", "present"},
                    {"databaseReclaimPolicy", reclaim_policy(!goes)}};
  return object;
}

/// Of Database and DatabaseRole: `applied`, and a message where it is not.
Readiness applied(const k8s::Kind& kind, const Object& object, const Inputs& inputs) {
  const std::string name = what(kind, inputs, child_name(inputs.app, Component::kDatabase));
  if (!k8s::at_path(object, {"status", "applied"}) || !bindings::is_observed(object))
    return bindings::provisioning(name, "");
  if (k8s::bool_at(object, {"status", "applied"})) return {};
  return bindings::failing(name, string_at(object, {"status", "message"}));
}

Readiness role_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return applied(kCnpgRole, object, inputs);
}
Readiness shared_database_ready(const Object& object, const Inputs& inputs, const Observed&) {
  return applied(kCnpgDatabase, object, inputs);
}

Json cluster_deleted(bool) { return Json::object(); }  // its volumes go with it, whatever it says
Json role_deleted(bool stays) { return {{"spec", {{"databaseRoleReclaimPolicy", reclaim_policy(stays)}}}}; }
Json database_deleted(bool stays) { return {{"spec", {{"databaseReclaimPolicy", reclaim_policy(stays)}}}}; }

}  // namespace

const Child children::cnpg_cluster{.id = "cnpg_cluster",
                                   .kind = kCnpgCluster,
                                   .component = Component::kDatabase,
                                   .retained = true,
                                   .desired = cluster,
                                   .ready = cluster_ready,
                                   .volume = volume_of,
                                   .made_as = image_in,
                                   .has_standby = has_standby,
                                   .when_deleted = cluster_deleted};
const Child children::cnpg_pooler{.id = "cnpg_pooler",
                                  .kind = kCnpgPooler,
                                  .component = Component::kDatabase,
                                  .desired = pooler,
                                  .ready = pooler_ready};
const Child children::cnpg_role{.id = "cnpg_role",
                                .kind = kCnpgRole,
                                .component = Component::kDatabase,
                                .retained = true,
                                .desired = role,
                                .ready = role_ready,
                                .when_deleted = role_deleted};
const Child children::cnpg_database{.id = "cnpg_database",
                                    .kind = kCnpgDatabase,
                                    .component = Component::kDatabase,
                                    .retained = true,
                                    .desired = shared_database,
                                    .ready = shared_database_ready,
                                    .when_deleted = database_deleted};

namespace bindings {

std::optional<std::pair<const k8s::Kind*, std::string>> inside_of(const Child& child, const Inputs& inputs) {
  if (child.kind != kCnpgRole && child.kind != kCnpgDatabase) return std::nullopt;
  const auto shared = existing_cluster(inputs);
  if (!shared) return std::nullopt;
  return std::pair{&kCnpgCluster, *shared};
}

namespace {

constexpr std::string_view kPostgresName = "cloudnative-pg";

/// Servers of a Cluster have certificates of its own CA, for the names of its Services; a pooler presents
/// them too, under a name that is not among those.
Result<std::string> ca_of(Sources& sources, const Inputs& inputs) {
  const auto secret = read_secret(sources, inputs, cluster_name(inputs) + "-ca");
  if (!secret) return Failure{secret.error()};
  return value_of(secret->content, "ca.crt");
}

std::string service(const Inputs& inputs, const std::string& name) {
  return name + "." + inputs.app.key.namespace_ + ".svc";
}

Result<Entries> of_own_cluster(const Inputs& inputs, Sources& sources, const Object& object) {
  const std::string name = cluster_name(inputs);
  if (integer_at(object, {"status", "readyInstances"}) < 1) {
    const Readiness readiness = cluster_ready(object, inputs, {});
    if (readiness.state == Readiness::State::kFailed)
      return failure(Remedy::kWaitForChange, readiness.reason, readiness.message);
    return not_yet(what(kCnpgCluster, inputs, name));
  }
  const auto login = read_secret(sources, inputs, name + "-app");
  if (!login) return Failure{login.error()};
  auto postgres = postgres_in(*login, kPostgresName);
  if (!postgres) return Failure{postgres.error()};
  const auto ca = ca_of(sources, inputs);
  if (!ca) return Failure{ca.error()};
  const bool pooled = inputs.effective.database.pooler_instances > 0;
  postgres->provider = kPostgresName;
  postgres->host = service(inputs, pooled ? pooler_name(inputs) : name + "-rw");
  postgres->port = "5432";
  postgres->ca = *ca;
  postgres->sslmode = ca->empty() ? "require" : pooled ? "verify-ca" : "verify-full";
  if (integer_at(object, {"spec", "instances"}) > 1) postgres->read_host = service(inputs, name + "-ro");
  return entries_of(*postgres);
}

Result<Entries> of_shared_cluster(const Inputs& inputs, Sources& sources) {
  const std::string child = child_name(inputs.app, Component::kDatabase);
  for (const auto* kind : {&kCnpgRole, &kCnpgDatabase}) {
    const auto object = sources.object(*kind, child);
    if (!object) return Failure{object.error()};
    const Readiness readiness = *object ? applied(*kind, **object, inputs) : provisioning(child, "");
    if (readiness.state == Readiness::State::kFailed)
      return failure(Remedy::kWaitForChange, readiness.reason, readiness.message);
    if (!readiness.ready()) return not_yet(what(*kind, inputs, child));
  }
  PS_CHECK(inputs.database);
  const auto ca = ca_of(sources, inputs);
  if (!ca) return Failure{ca.error()};
  return entries_of(Postgres{.provider = std::string{kPostgresName},
                             .host = service(inputs, cluster_name(inputs) + "-rw"),
                             .username = inputs.database->username,
                             .password = inputs.database->password,
                             .database = inputs.database->username,
                             .sslmode = ca->empty() ? "require" : "verify-full",
                             .ca = *ca,
                             .read_host = service(inputs, cluster_name(inputs) + "-r")});
}

Result<Entries> resolve(const Inputs& inputs, Sources& sources) {
  const std::string name = cluster_name(inputs);
  const auto object = sources.object(kCnpgCluster, name);
  if (!object) return Failure{object.error()};
  if (existing_cluster(inputs)) {
    if (!*object)
      return failure(Remedy::kWaitForChange, "ServiceMissing",
                     "there is no " + what(kCnpgCluster, inputs, name) +
                         ": create it, or make this PromptSales anew with the name of one that is there");
    return of_shared_cluster(inputs, sources);
  }
  if (!*object) return not_yet(what(kCnpgCluster, inputs, name));
  return of_own_cluster(inputs, sources, **object);
}

}  // namespace

const Provider providers::cloud_native_pg{Component::kDatabase, "CloudNativePG", kPostgresName, resolve};

}  // namespace bindings
}  // namespace promptsales::controllers
