#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/postgres_version.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "controllers/promptsales/volume.hpp"

namespace promptsales::controllers {
namespace {

constexpr int kPostgresUser = 999;  // of the postgres image, ours and the public one
constexpr const char* kData = "/var/lib/postgresql/data";

Json probe(int period, int failures) {
  return {{"exec",
           {{"command", Json::array({"pg_isready", "-h", "127.0.0.1", "-U", bindings::kDatabaseUser, "-d",
                                     bindings::kDatabaseName})}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 3},
          {"failureThreshold", failures}};
}

PostgresServer postgres_of(const Inputs& inputs) {
  if (inputs.postgres) return *inputs.postgres;
  return {.image = inputs.images.postgres, .claim_version = postgres_major(inputs.images.postgres)};
}

Json container(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  return {
      {"name", "postgres"},
      {"image", postgres_of(inputs).image},
      {"imagePullPolicy", "IfNotPresent"},
      {"args",
       Json::array({"postgres", "-c", "max_connections=" + std::to_string(database.max_connections)})},
      {"env",
       Json::array({{{"name", "POSTGRES_USER"}, {"value", bindings::kDatabaseUser}},
                    {{"name", "POSTGRES_DB"}, {"value", bindings::kDatabaseName}},
                    {{"name", "POSTGRES_PASSWORD_FILE"}, {"value", "/credentials/password"}},
                    // A folder below the mount: initdb wants an empty one, and many volumes have lost+found.
                    {{"name", "PGDATA"}, {"value", std::string{kData} + "/pgdata"}}})},
      {"ports",
       Json::array(
           {{{"name", "postgresql"}, {"containerPort", bindings::kDatabasePort}, {"protocol", "TCP"}}})},
      {"resources", resources_of(database.resources)},
      {"securityContext", container_security()},
      {"startupProbe", probe(1, 300)},  // crash recovery of a large database takes minutes
      {"readinessProbe", probe(5, 3)},
      {"livenessProbe", probe(10, 6)},
      {"volumeMounts",
       Json::array({{{"name", "data"}, {"mountPath", kData}},
                    {{"name", "run"}, {"mountPath", "/var/run/postgresql"}},
                    {{"name", "tmp"}, {"mountPath", "/tmp"}},
                    {{"name", "credentials"}, {"mountPath", "/credentials"}, {"readOnly", true}}})}};
}

Json pod(const Inputs& inputs) {
  const std::string name = child_name(inputs.app, Component::kDatabase);
  return {
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", pod_security(kPostgresUser)},
      {"terminationGracePeriodSeconds", 60},
      {"containers", Json::array({container(inputs)})},
      {"volumes",
       Json::array({{{"name", "run"}, {"emptyDir", Json::object()}},
                    {{"name", "tmp"}, {"emptyDir", Json::object()}},
                    {{"name", "credentials"}, {"secret", {{"secretName", name}, {"defaultMode", 0440}}}}})}};
}

// The claims outlive the StatefulSet: data goes only when somebody deletes it.
std::optional<Object> desired(const Inputs& inputs) {
  if (!runs_database(inputs)) return std::nullopt;
  Object server = single_server(inputs.app, Component::kDatabase, pod(inputs));
  keep_data(server, inputs.app, Component::kDatabase,
            inputs.volume_made_with.value_or(inputs.effective.database.storage),
            inputs.effective.database.storage_class_name);
  if (const auto version = postgres_of(inputs).claim_version; !version.empty())
    server["spec"]["volumeClaimTemplates"][0]["metadata"]["labels"][kPostgresVersion] = version;
  return server;
}

Readiness ready(const Object& server, const Inputs& inputs, const Observed& observed) {
  Readiness serves = stateful_set_readiness(server, inputs, observed);
  if (!serves.ready()) return serves;
  const Readiness volume = volume_readiness(inputs, observed, Component::kDatabase);
  if (!volume.ready() || !inputs.postgres || !inputs.postgres->problem) return volume;
  const Error& problem = *inputs.postgres->problem;
  return {Readiness::State::kFailed, problem.reason, problem.message, /*stalled=*/true};
}

}  // namespace

const Child children::database_server{.id = "database_server",
                                      .kind = k8s::kinds::kStatefulSet,
                                      .component = Component::kDatabase,
                                      .desired = desired,
                                      .ready = ready};

}  // namespace promptsales::controllers
