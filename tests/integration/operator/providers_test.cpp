// Databases and caches through the operators of others. Their kinds are here as small definitions of the same
// group, kind and fields, and the test plays their part: it writes the status that they would. One test a
// provider, as definitions belong to the whole cluster.

#include <gmock/gmock.h>

#include "controllers/promptsales/bindings/entries.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"
#include "tests/integration/support/definitions.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using namespace controllers::bindings;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;

class Providers : public WithOperator {
 protected:
  void give_secret(const std::string& name, const Entries& content) {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", name}}},
                           {"data", secret_data(content)}});
  }
  /// What the provider's operator says of an object, in YAML.
  void answer(const k8s::Kind& kind, const std::string& name, const std::string& status) {
    ASSERT_TRUE(eventually([&] { return exists(kind, name); })) << kind.kind << " " << read("demo").dump(2);
    server.send({.method = "PATCH",
                 .target = kind.path(server.ns()) + "/" + name + "/status",
                 .body = Json{{"status", from_yaml(status)}}.dump(),
                 .content_type = "application/merge-patch+json"});
  }
  bool exists(const k8s::Kind& kind, const std::string& name) { return !server.get(kind, name).is_null(); }
  bool says(const std::string& condition, const std::string& reason) {
    return eventually([&] { return reason_of("demo", condition) == reason; });
  }
  std::string entry(const std::string& part, const std::string& name) {
    return value_of(entries_in(server.get(kSecret, "demo-" + part + "-binding")), name);
  }
  /// Ready, and then no write at all: neither at rest nor of an operator that starts anew.
  void settles() {
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
    ASSERT_FALSE(settled().empty());
    restarts_without_a_write(running);
    EXPECT_EQ(status_of("demo", "Ready"), "True");
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

constexpr const char* kCa = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

TEST_F(Providers, CloudNativePgMakesAClusterAndIsFoundWhenItIsInstalled) {
  create("demo", "{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {pooler: {instances: 2}}}}");
  ASSERT_TRUE(says("DatabaseReady", "ProviderAPIMissing")) << read("demo").dump(2);
  create("other");
  EXPECT_TRUE(become_ready("other")) << "nobody else is concerned";

  const Definition cluster{server, kCnpgCluster};
  const Definition pooler{server, kCnpgPooler};
  ASSERT_TRUE(eventually([&] { return exists(kCnpgCluster, "demo-database"); })) << read("demo").dump(2);
  EXPECT_TRUE(says("DatabaseReady", "Provisioning"));
  EXPECT_FALSE(exists(kDeployment, "demo-backend"));

  give_secret("demo-database-app", {{"username", "promptsales"},
                                    {"password", "p"},
                                    {"dbname", "promptsales"},
                                    {"host", "demo-database-rw"}});
  give_secret("demo-database-ca", {{"ca.crt", kCa}});
  answer(kCnpgCluster, "demo-database",
         "{instances: 1, readyInstances: 1, phase: Cluster in healthy state, conditions: [{type: Ready, "
         "status: 'True'}]}");
  answer(kCnpgPooler, "demo-database-pooler", "{instances: 2}");
  settles();
  EXPECT_EQ(entry("database", "host"), "demo-database-pooler." + server.ns() + ".svc");
  EXPECT_EQ(entry("database", "sslmode"), "verify-ca");

  // CloudNativePG refuses a smaller volume, and with it whatever else has changed.
  const auto size = [&] {
    return string_at(server.get(kCnpgCluster, "demo-database"), {"spec", "storage", "size"});
  };
  ASSERT_EQ(size(), "500Gi");
  change("demo", {{"tier", "MVP"}});
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(size(), "500Gi");
  EXPECT_EQ(string_at(read("demo"), {"status", "effective", "database", "storage"}), "500Gi");

  // What is not wanted any more is found by an operator that has never seen it wanted.
  running->terminate();
  ASSERT_TRUE(running->wait());
  give_secret("login", {{"uri", "postgresql://u:p@h/d"}});
  change("demo", from_yaml("database: {type: Secret, secretRef: {name: login}, cloudNativePG: null}"));
  running = an_operator();
  EXPECT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_TRUE(eventually([&] { return !exists(kCnpgPooler, "demo-database-pooler"); }));

  server.remove(kPromptSales, "demo");
  // The cluster's garbage collector learns of a new kind of owner every 30 s.
  ASSERT_TRUE(eventually([&] { return !exists(kDeployment, "demo-backend"); }, 120s));
  EXPECT_TRUE(exists(kCnpgCluster, "demo-database")) << "deletionPolicy is Retain";
}

// The login of the embedded server stays with its data, and gives nothing to the Cluster.
TEST_F(Providers, CloudNativePgMakesARoleOfItsOwnInAClusterThatIsThere) {
  const Definition cluster{server, kCnpgCluster};
  const Definition role{server, kCnpgRole};
  const Definition database{server, kCnpgDatabase};
  server.apply(kCnpgCluster, {{"apiVersion", "postgresql.cnpg.io/v1"},
                              {"kind", "Cluster"},
                              {"metadata", {{"name", "shared"}}},
                              {"spec", {{"instances", 1}}}});
  give_secret("shared-ca", {{"ca.crt", kCa}});
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  const std::string former = password_in("demo-database");
  change("demo", {{"database",
                   {{"type", "CloudNativePG"}, {"cloudNativePG", {{"clusterRef", {{"name", "shared"}}}}}}}});
  answer(kCnpgRole, "demo-database", "{applied: true}");
  answer(kCnpgDatabase, "demo-database", "{applied: true}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(entry("database", "provider"), "cloudnative-pg");
  EXPECT_EQ(entry("database", "username"), "promptsales_demo");
  EXPECT_EQ(entry("database", "database"), "promptsales_demo");
  EXPECT_EQ(entry("database", "password"), password_in("demo-database-role"));
  EXPECT_EQ(password_in("demo-database"), former);
  settles();

  give_secret("login", {{"uri", "postgresql://u:p@h/d"}});
  change("demo", from_yaml("database: {type: Secret, secretRef: {name: login}, cloudNativePG: null}"));
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  ASSERT_TRUE(eventually([&] { return events("demo", "DataRetained").size() == 2; }));
  EXPECT_TRUE(exists(kCnpgRole, "demo-database") && exists(kCnpgDatabase, "demo-database"));
}

// Nothing that names a Cluster is made before that is there: CloudNativePG lets nobody rename it afterwards.
TEST_F(Providers, CloudNativePgMakesNothingInAClusterThatIsNotThere) {
  const Definition cluster{server, kCnpgCluster};
  const Definition role{server, kCnpgRole};
  const Definition database{server, kCnpgDatabase};
  create("demo", "{tier: MVP, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: shared}}}}");
  ASSERT_TRUE(says("DatabaseReady", "ServiceMissing")) << read("demo").dump(2);
  EXPECT_TRUE(throughout(
      1s, [&] { return !exists(kCnpgRole, "demo-database") && !exists(kCnpgDatabase, "demo-database"); }));

  const Json shared{{"apiVersion", "postgresql.cnpg.io/v1"},
                    {"kind", "Cluster"},
                    {"metadata", {{"name", "shared"}}},
                    {"spec", {{"instances", 1}}}};
  server.apply(kCnpgCluster, shared);
  give_secret("shared-ca", {{"ca.crt", kCa}});
  answer(kCnpgRole, "demo-database", "{applied: true}");
  answer(kCnpgDatabase, "demo-database", "{applied: true}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);

  server.remove(kCnpgCluster, "shared");
  ASSERT_TRUE(says("DatabaseReady", "ServiceMissing")) << read("demo").dump(2);
  EXPECT_TRUE(throughout(1s, [&] {
    return exists(kCnpgRole, "demo-database") && exists(kCnpgDatabase, "demo-database");
  })) << "what was made stays";
}

TEST_F(Providers, AckMakesADatabaseAndACache) {
  const Definition instance{server, kDbInstance};
  const Definition group{server, kReplicationGroup};
  create("demo",
         "{tier: Growth, database: {type: ACK, ack: {region: r}}, cache: {type: ACK, ack: {region: r}, "
         "deletionPolicy: Delete}}");
  answer(kDbInstance, "demo-database",
         "{conditions: [{type: ACK.Terminal, status: 'True', message: InvalidParameterValue}]}");
  ASSERT_TRUE(says("DatabaseReady", "ProviderTerminal")) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("InvalidParameterValue"));

  answer(kReplicationGroup, "demo-cache",
         "{nodeGroups: [{primaryEndpoint: {address: c.aws, port: 6379}}], conditions: [{type: Ready, status: "
         "'True'}]}");
  EXPECT_TRUE(says("CacheReady", "Available")) << "although nothing but an edit helps the database";

  answer(
      kDbInstance, "demo-database",
      "{endpoint: {address: w.rds, port: 5432}, conditions: [{type: ACK.ResourceSynced, status: 'True'}]}");
  settles();
  EXPECT_EQ(entry("database", "host"), "w.rds");
  EXPECT_EQ(entry("database", "password"), password_in("demo-database"));
  EXPECT_EQ(entry("cache", "ssl"), "true");

  // As if an operator that made several shards had made it.
  server.send({.method = "PATCH",
               .target = kReplicationGroup.path(server.ns()) + "/demo-cache",
               .body = Json{{"spec", from_yaml("{numNodeGroups: 3, cacheParameterGroupName: "
                                               "default.valkey8.cluster.on, engineVersion: '8.0', "
                                               "automaticFailoverEnabled: true}")}}
                           .dump(),
               .content_type = "application/merge-patch+json"});
  answer(kReplicationGroup, "demo-cache",
         "{nodeGroups: null, configurationEndpoint: {address: all.aws, port: 6379}}");
  ASSERT_TRUE(says("CacheReady", "CacheSharded")) << read("demo").dump(2);
  change("demo", from_yaml("cache: {ack: {nodeType: cache.m7g.large}}"));
  const auto cache_asks = [&](const char* field) {
    return server.get(kReplicationGroup, "demo-cache").at("spec").value(field, Json{}).dump();
  };
  ASSERT_TRUE(eventually([&] { return cache_asks("cacheNodeType") == R"("cache.m7g.large")"; }));
  EXPECT_EQ(cache_asks("numNodeGroups"), "3");
  EXPECT_EQ(cache_asks("cacheParameterGroupName"), R"("default.valkey8.cluster.on")");
  EXPECT_EQ(status_of("demo", "DatabaseReady"), "True") << "everything else goes on";

  const auto owners = [&](const k8s::Kind& kind, const std::string& name) {
    return server.get(kind, name).at("metadata").contains("ownerReferences");
  };
  EXPECT_TRUE(owners(kReplicationGroup, "demo-cache")) << "deletionPolicy is Delete: the cluster collects it";
  EXPECT_FALSE(owners(kDbInstance, "demo-database"));

  // Another type leaves the data where it is, although the policy is Delete.
  create("other",
         "{tier: Growth, database: {type: ACK, ack: {region: r}, deletionPolicy: Delete, readReplicas: 1}}");
  const std::string there =
      "{endpoint: {address: w.rds, port: 5432}, conditions: [{type: ACK.ResourceSynced, status: 'True'}]}";
  answer(kDbInstance, "other-database", there);
  answer(kDbInstance, "other-database-read", there);
  ASSERT_TRUE(become_ready("other")) << read("other").dump(2);
  const auto marks = [&] {
    const Json live = server.get(kDbInstance, "other-database");
    return std::tuple{live.at("metadata").contains("ownerReferences"),
                      string_at(live, {"metadata", "annotations", "services.k8s.aws/deletion-policy"}),
                      k8s::bool_at(live, {"spec", "deletionProtection"})};
  };
  ASSERT_EQ(marks(), std::tuple(true, "delete", false)) << "the policy is Delete";

  give_secret("login", {{"uri", "postgresql://u:p@w.rds/d"}});  // the same instance, kept by hand from now on
  change("other",
         from_yaml("database: {type: Secret, secretRef: {name: login}, ack: null, deletionPolicy: null, "
                   "readReplicas: null}"));
  ASSERT_TRUE(become_ready("other")) << read("other").dump(2);
  EXPECT_TRUE(eventually([&] { return !exists(kDbInstance, "other-database-read"); })) << "a copy is no data";
  EXPECT_EQ(marks(), std::tuple(false, "retain", true));
  EXPECT_TRUE(exists(kSecret, "other-database")) << "its password";
  ASSERT_TRUE(eventually([&] { return !events("other", "DataRetained").empty(); }));
  EXPECT_THAT(events("other", "DataRetained").front(),
              HasSubstr("delete dbinstances.rds.services.k8s.aws other-database"));
  EXPECT_THAT(events("other", "DataRetained").front(),
              HasSubstr("\"services.k8s.aws/deletion-policy\":\"delete\""));
}

TEST_F(Providers, ConfigConnectorMakesADatabaseAndACache) {
  const Definition instance{server, kSqlInstance};
  const Definition database{server, kSqlDatabase};
  const Definition user{server, kSqlUser};
  const Definition redis{server, kRedisInstance};
  create("demo",
         "{tier: Growth, database: {type: ConfigConnector, configConnector: {region: r, networkRef: {name: "
         "n}}}, "
         "cache: {type: ConfigConnector, configConnector: {region: r}}}");
  answer(kSqlInstance, "demo-database",
         "{conditions: [{type: Ready, status: 'False', reason: UpdateFailed, message: quota exceeded}]}");
  ASSERT_TRUE(says("DatabaseReady", "ProviderFailing")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo", "DatabaseReady"), HasSubstr("quota exceeded"));
  const std::string good = "conditions: [{type: Ready, status: 'True', reason: UpToDate}]";
  answer(kSqlInstance, "demo-database", "{privateIpAddress: 10.1.2.3, " + good + "}");
  answer(kSqlDatabase, "demo-database", "{" + good + "}");
  answer(kSqlUser, "demo-database", "{" + good + "}");
  answer(kRedisInstance, "demo-cache",
         "{host: 10.1.2.4, port: 6378, observedState: {authString: canary-5b}, " + good + "}");
  settles();
  EXPECT_EQ(entry("database", "host"), "10.1.2.3");
  EXPECT_EQ(entry("cache", "password"), "canary-5b");
  EXPECT_THAT(read("demo").dump(), ::testing::Not(HasSubstr("canary-5b")));

  // As if an operator that knew no newer version, and gave every server a standby, had made it.
  const auto asked_for = [&](std::initializer_list<std::string_view> path) {
    return string_at(server.get(kSqlInstance, "demo-database"), path);
  };
  server.send(
      {.method = "PATCH",
       .target = kSqlInstance.path(server.ns()) + "/demo-database",
       .body =
           Json{{"spec", from_yaml("{databaseVersion: POSTGRES_15, settings: {availabilityType: REGIONAL, "
                                   "backupConfiguration: {pointInTimeRecoveryEnabled: true}}}")}}
               .dump(),
       .content_type = "application/merge-patch+json"});
  change("demo", from_yaml("database: {resources: {requests: {memory: 32Gi}}}"));
  ASSERT_TRUE(eventually([&] {
    return asked_for({"spec", "settings", "tier"}) == "db-custom-6-32768";
  })) << read("demo").dump(2);
  settles();
  EXPECT_EQ(asked_for({"spec", "databaseVersion"}), "POSTGRES_15");
  EXPECT_EQ(asked_for({"spec", "settings", "availabilityType"}), "REGIONAL");

  // Somebody takes off the label by which the operator knows it.
  server.send({.method = "PATCH",
               .target = kSqlInstance.path(server.ns()) + "/demo-database",
               .body = R"({"metadata":{"labels":{"app.kubernetes.io/managed-by":null}}})",
               .content_type = "application/merge-patch+json"});
  ASSERT_TRUE(eventually([&] {
    return !asked_for({"metadata", "labels", "app.kubernetes.io/managed-by"}).empty();
  }));
  settles();
  EXPECT_EQ(asked_for({"spec", "databaseVersion"}), "POSTGRES_15");
  EXPECT_EQ(asked_for({"spec", "settings", "availabilityType"}), "REGIONAL");

  change("demo", from_yaml("database: {highAvailability: Disabled}"));
  EXPECT_TRUE(eventually([&] { return asked_for({"spec", "settings", "availabilityType"}) == "ZONAL"; }));
}

TEST_F(Providers, AzureServiceOperatorMakesADatabaseWhateverItsVersionIsCalled) {
  constexpr k8s::Kind kServer{"dbforpostgresql.azure.com", "v1api20240801", "FlexibleServer",
                              "flexibleservers"};
  constexpr k8s::Kind kDatabase{"dbforpostgresql.azure.com", "v1api20240801", "FlexibleServersDatabase",
                                "flexibleserversdatabases"};
  const Definition flexible{server, kServer};
  const Definition database{server, kDatabase};
  create("demo",
         "{tier: MVP, database: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
         "resourceGroupRef: {name: g}}}}");
  const std::string good = "{conditions: [{type: Ready, status: 'True', observedGeneration: 1}]}";
  answer(kServer, "demo-database", good);
  answer(kDatabase, "demo-database", good);
  give_secret("demo-database-azure", {{"host", "demo.postgres.database.azure.com"}});
  settles();
  EXPECT_EQ(entry("database", "host"), "demo.postgres.database.azure.com");
}

// Its version is asked for, so that no watch tells when it is there; and another one is waited for at the same time.
TEST_F(Providers, AzureServiceOperatorIsFoundWhenItIsInstalledAlthoughKedaIsNotThere) {
  constexpr k8s::Kind kServer{"dbforpostgresql.azure.com", "v1api20240801", "FlexibleServer",
                              "flexibleservers"};
  create("demo",
         "{tier: MVP, backend: {autoscaling: {type: KEDA}}, database: {type: AzureServiceOperator, "
         "azureServiceOperator: {location: l, resourceGroupRef: {name: g}}}}");
  ASSERT_TRUE(says("DatabaseReady", "ProviderAPIMissing")) << read("demo").dump(2);
  const Definition flexible{server, kServer};
  EXPECT_TRUE(eventually([&] { return exists(kServer, "demo-database"); })) << read("demo").dump(2);
}

}  // namespace
}  // namespace promptsales::testing
