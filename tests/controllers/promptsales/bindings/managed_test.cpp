// Databases and caches that providers make: what they are asked for, and what is made of their answers.

#include "controllers/promptsales/bindings/managed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/known_sources.hpp"

namespace promptsales::controllers::bindings {
namespace {

using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::kCachePassword;
using promptsales::testing::kDatabasePassword;
using promptsales::testing::KnownSources;
using promptsales::testing::object_of;
using ::testing::HasSubstr;
using ::testing::Not;

std::string at(const Object& object, const char* pointer) {
  const Json::json_pointer path{pointer};
  return object.contains(path) ? object.at(path).dump() : "absent";
}

struct VolumeCase {
  const Child& child;
  std::string database;
  const char* size;  ///< where the object says it
};

TEST(Volumes, OfServicesThatOthersRunNeverBecomeSmaller) {
  const VolumeCase cases[] = {
      {children::cnpg_cluster, "{type: CloudNativePG}", "/spec/storage/size"},
      {children::ack_instance, "{type: ACK, ack: {region: r}}", "/spec/allocatedStorage"},
      {children::gcp_instance, "{type: ConfigConnector, configConnector: {region: r}}",
       "/spec/settings/diskSize"},
      {children::azure_server,
       "{type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}}}",
       "/spec/storage/storageSizeGB"}};
  for (const auto& [child, database, size] : cases) {
    const auto large = object_of(child, inputs_of("{tier: Growth, database: " + database + "}"));
    auto inputs = inputs_of("{tier: MVP, database: " + database + "}");
    ASSERT_NE(at(object_of(child, inputs), size), at(large, size)) << child.id;
    inputs.effective = effective(inputs.app, inputs.images.backend, built_in_tiers(),
                                 {.replicas = {}, .volume = child.volume(large)});
    EXPECT_EQ(at(object_of(child, inputs), size), at(large, size)) << child.id;
    EXPECT_EQ(child.volume(Object::object()), std::nullopt) << child.id;
  }
}

struct VersionCase {
  const Child& child;
  std::string database;  ///< without its closing brace
  const char* version;   ///< where the object says it
};

// Neither an operator that knows a newer one nor a field that was taken out moves data to another version.
TEST(Versions, OfServicesThatOthersRunStayWhatTheyAre) {
  const VersionCase cases[] = {
      {children::cnpg_cluster, "{type: CloudNativePG", "/spec/imageName"},
      {children::gcp_instance, "{type: ConfigConnector, configConnector: {region: r}",
       "/spec/databaseVersion"},
      {children::azure_server,
       "{type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}}",
       "/spec/version"}};
  for (const auto& [child, database, version] : cases) {
    const auto before =
        object_of(child, inputs_of("{tier: MVP, database: " + database + ", version: '15'}}"));
    const auto afterwards = [&](const std::string& more) {
      auto inputs = inputs_of("{tier: MVP, database: " + database + more + "}}");
      inputs.effective = effective(inputs.app, inputs.images.backend, built_in_tiers(),
                                   {.replicas = {}, .volume = {}, .database_made_as = child.made_as(before)});
      return at(object_of(child, inputs), version);
    };
    EXPECT_EQ(afterwards(""), at(before, version)) << child.id;
    EXPECT_THAT(afterwards(", version: '16'"), HasSubstr("16")) << child.id;
    EXPECT_EQ(child.made_as(Object::object()), std::nullopt) << child.id;
  }
}

// Its webhook writes the image that it begins with, and people choose others.
TEST(Versions, OfACloudNativePgClusterThatNamesItsImageItselfAreNotOurs) {
  for (const char* image : {"ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie", "registry.example/pg:17"})
    EXPECT_EQ(children::cnpg_cluster.made_as({{"spec", {{"imageName", image}}}}), std::nullopt) << image;
}

struct StandbyCase {
  const Child& child;
  std::string spec;  ///< without the tier and without its last two closing braces
  std::vector<const char*> marks;
};

/// What is asked of a server that is there already.
Object asked_again(const Child& child, const std::string& spec, const Object& live) {
  auto inputs = inputs_of(spec);
  Facts facts;
  (child.component == Component::kCache ? facts.cache_standby : facts.database_standby) =
      child.has_standby(live);
  inputs.effective = effective(inputs.app, inputs.images.backend, built_in_tiers(), facts);
  return object_of(child, inputs);
}

// To add a standby restarts some servers and doubles the price of all: neither a newer operator with other defaults
// nor a move to another tier does it.
TEST(Standbys, OfServersThatAreThereAreAddedAndTakenAwayByNameOnly) {
  const StandbyCase cases[] = {
      {children::ack_instance, "database: {type: ACK, ack: {region: r}", {"/spec/multiAZ"}},
      {children::gcp_instance,
       "database: {type: ConfigConnector, configConnector: {region: r}",
       {"/spec/settings/availabilityType", "/spec/settings/backupConfiguration/pointInTimeRecoveryEnabled"}},
      {children::azure_server,
       "database: {type: AzureServiceOperator, resources: {requests: {cpu: 1, memory: 2Gi}}, "
       "azureServiceOperator: {location: l, resourceGroupRef: {name: g}}",
       {"/spec/highAvailability/mode", "/spec/sku/name"}},
      {children::ack_cache, "cache: {type: ACK, ack: {region: r}", {"/spec/multiAZEnabled"}},
      {children::gcp_cache, "cache: {type: ConfigConnector, configConnector: {region: r}", {"/spec/tier"}}};
  for (const auto& [child, spec, marks] : cases) {
    const auto of = [&](const std::string& tier, const std::string& more) {
      return "{tier: " + tier + ", " + spec + more + "}}";
    };
    const std::string enabled = ", highAvailability: Enabled";
    const auto alone = object_of(child, inputs_of(of("MVP", ", highAvailability: Disabled")));
    const auto with_one = object_of(child, inputs_of(of("Scale", "")));
    for (const char* mark : marks) {
      ASSERT_NE(at(alone, mark), at(with_one, mark)) << child.id << mark;
      EXPECT_EQ(at(asked_again(child, of("Scale", ""), alone), mark), at(alone, mark)) << child.id << mark;
      EXPECT_EQ(at(asked_again(child, of("MVP", ""), with_one), mark), at(with_one, mark))
          << child.id << mark;
      EXPECT_EQ(at(asked_again(child, of("Scale", enabled), alone), mark), at(with_one, mark))
          << child.id << mark;
    }
    EXPECT_EQ(child.has_standby(Object::object()), std::nullopt) << child.id;
  }
}

TEST(Standbys, OfACacheThatIsThereGoWithItsLastReplica) {
  const std::string scale = "{tier: Scale, cache: {type: ACK, ack: {region: r}";
  const auto live = object_of(children::ack_cache, inputs_of(scale + "}}"));
  const auto now = asked_again(children::ack_cache, scale + ", replicasPerShard: 0}}", live);
  EXPECT_EQ(at(now, "/spec/multiAZEnabled"), "false");
  EXPECT_EQ(at(now, "/spec/replicasPerNodeGroup"), "0");
}

// Its copies are the tier's, so that only of a single server it is known that it has no standby.
TEST(Standbys, OfAClusterOfOneServerAreNotAdded) {
  const std::string alone = "{tier: Scale, database: {type: CloudNativePG, readReplicas: 0}}";
  const auto instances = [&](const std::string& spec, int live) {
    return at(asked_again(children::cnpg_cluster, spec, {{"spec", {{"instances", live}}}}),
              "/spec/instances");
  };
  EXPECT_EQ(instances(alone, 1), "1");
  EXPECT_EQ(instances(alone, 2), "2");
  EXPECT_EQ(instances("{tier: Scale, database: {type: CloudNativePG}}", 1), "2") << "the copy of tier Scale";
  EXPECT_EQ(instances("{tier: MVP, database: {type: CloudNativePG}}", 2), "1");
}

// It can become no other one, and says so.
TEST(Standbys, OfAMemorystoreAreThoseThatItWasMadeWith) {
  const std::string spec =
      "{tier: MVP, cache: {type: ConfigConnector, configConnector: {region: r, instanceTier: STANDARD_HA}}}";
  Object live = from_yaml(
      "{spec: {tier: BASIC}, status: {conditions: [{type: Ready, status: 'True', reason: UpToDate}]}}");
  EXPECT_EQ(at(asked_again(children::gcp_cache, spec, live), "/spec/tier"), R"("BASIC")");
  const auto said = children::gcp_cache.ready(live, inputs_of(spec), {});
  EXPECT_TRUE(said.ready());
  EXPECT_THAT(said.message, HasSubstr("set it to BASIC"));
  live["spec"]["tier"] = "STANDARD_HA";
  EXPECT_EQ(children::gcp_cache.ready(live, inputs_of(spec), {}).message, "");
}

// PostgreSQL starts with less than the providers' disks have.
TEST(Volumes, AreNoSmallerThanTheProviderMakesThem) {
  const auto size = [](const Child& child, const std::string& block, const char* pointer) {
    return at(object_of(child, inputs_of("{tier: MVP, database: {storage: 5Gi, " + block + "}}")), pointer);
  };
  EXPECT_EQ(size(children::ack_instance, "type: ACK, ack: {region: r}", "/spec/allocatedStorage"), "20");
  EXPECT_EQ(size(children::gcp_instance, "type: ConfigConnector, configConnector: {region: r}",
                 "/spec/settings/diskSize"),
            "10");
}

TEST(CloudNames, KeepNamespaceAndNameApart) {
  auto one = inputs_of("tier: MVP");
  one.app.key = {"team-a", "shop"};
  auto other = one;
  other.app.key = {"team", "a-shop"};
  EXPECT_NE(cloud_name(one, Component::kDatabase), cloud_name(other, Component::kDatabase));
}

// Config Connector takes over what has the name in the project already.
TEST(ConfigConnector, NamesItsInstancesByNamespaceToo) {
  const std::string block = "{type: ConfigConnector, configConnector: {region: r}}";
  auto one = inputs_of("{tier: Scale, database: " + block + ", cache: " + block + "}");
  auto other = one;
  other.app.key.namespace_ = "prod";
  for (const Child* child : {&children::gcp_instance, &children::gcp_cache})
    EXPECT_NE(child->desired(one)->at("spec").at("resourceID"),
              child->desired(other)->at("spec").at("resourceID"));
}

TEST(CloudNames, StayUniqueWhereTheyAreCut) {
  auto one = inputs_of("tier: MVP");
  one.app.key = {std::string(63, 'n'), "demo"};
  auto other = one;
  other.app.key.name = "demo2";
  EXPECT_LE(cloud_name(one, Component::kDatabase).size(), 58U);
  EXPECT_EQ(short_cloud_name(one, Component::kCache, 40).size(), 40U);
  EXPECT_NE(short_cloud_name(one, Component::kCache, 40), short_cloud_name(other, Component::kCache, 40));
}

TEST(CloudNames, AreLegalWithEveryProvider) {
  auto inputs = inputs_of("tier: MVP");
  for (const auto& [ns, name] : std::map<std::string, std::string>{
           {"promptsales-production", "shop-eu"}, {"7-eleven", "demo"}, {"a--b", "c--d"}, {"shop", "demo"}}) {
    inputs.app.key = {ns, name};
    for (const std::size_t most : {20U, 30U, 31U, 40U, 58U}) {
      const auto made = short_cloud_name(inputs, Component::kCache, most);
      EXPECT_LE(made.size(), most);
      EXPECT_THAT(made, Not(HasSubstr("--")));
      EXPECT_TRUE(std::isalpha(made.front())) << made;
    }
  }
}

// --- CloudNativePG

const std::string kCnpg = "{tier: Growth, database: {type: CloudNativePG}}";

TEST(CloudNativePg, IsAskedForWhatTheTierSays) {
  const auto cluster = object_of(children::cnpg_cluster, inputs_of(kCnpg));
  EXPECT_EQ(at(cluster, "/spec/instances"), "1");
  EXPECT_EQ(at(cluster, "/spec/storage"), R"({"size":"500Gi"})");
  EXPECT_EQ(at(cluster, "/spec/resources/requests/memory"), R"("16Gi")");
  EXPECT_EQ(at(cluster, "/spec/bootstrap/initdb/postInitApplicationSQL"),
            R"(["ALTER ROLE promptsales SET statement_timeout = '2s'"])")
      << "its pooler ignores what a client asks for";
  EXPECT_EQ(at(cluster, "/spec/enablePDB"), "false") << "a budget of one server blocks every drain";
  EXPECT_EQ(at(cluster, "/spec/imageName"), "absent");
  EXPECT_FALSE(children::cnpg_pooler.desired(inputs_of(kCnpg)));
  EXPECT_FALSE(children::database_server.desired(inputs_of(kCnpg)));
}

TEST(CloudNativePg, OfTierScaleHasAStandbyAndAPooler) {
  const auto inputs = inputs_of(
      "{tier: Scale, database: {type: CloudNativePG, version: '16'}, cache: {type: Secret, secretRef: {name: "
      "r}}}");
  const auto cluster = object_of(children::cnpg_cluster, inputs);
  EXPECT_EQ(at(cluster, "/spec/instances"), "2");
  EXPECT_EQ(at(cluster, "/spec/imageName"), R"("ghcr.io/cloudnative-pg/postgresql:16")");
  const auto pooler = object_of(children::cnpg_pooler, inputs);
  EXPECT_EQ(at(pooler, "/spec/instances"), "2");
  EXPECT_EQ(at(pooler, "/spec/pgbouncer/poolMode"), R"("transaction")");
  EXPECT_NE(at(pooler, "/metadata/name"), at(cluster, "/metadata/name"));
}

TEST(CloudNativePg, GoesWithTheResourceOnlyWhenTheSpecSaysSo) {
  EXPECT_EQ(at(object_of(children::cnpg_cluster, inputs_of(kCnpg)), "/metadata/ownerReferences"), "absent");
  const auto inputs = inputs_of("{tier: MVP, database: {type: CloudNativePG, deletionPolicy: Delete}}");
  EXPECT_NE(at(object_of(children::cnpg_cluster, inputs), "/metadata/ownerReferences"), "absent");
}

TEST(CloudNativePg, HasNoSizeOfAClusterOfOthers) {
  const auto inputs = inputs_of(
      "{tier: Growth, database: {type: CloudNativePG, deletionPolicy: Delete, cloudNativePG: {clusterRef: "
      "{name: "
      "shared}}}}");
  const auto shown = to_status(inputs.effective).at("database");
  EXPECT_EQ(shown.at("type"), "CloudNativePG");
  for (const char* field : {"resources", "storage", "highAvailability", "readReplicas", "maxConnections"})
    EXPECT_FALSE(shown.contains(field)) << field;
  EXPECT_EQ(inputs.effective.database.deletion_policy, DeletionPolicy::kDelete);
}

TEST(CloudNativePg, InAClusterThatIsThereMakesARoleAndADatabase) {
  auto app = promptsales::testing::a_promptsales(
      "{tier: MVP, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: shared}}}}");
  app.key.name = "my-shop";
  auto inputs = promptsales::testing::inputs_for(app);
  inputs.database->username = login_name(inputs, Component::kDatabase);
  EXPECT_FALSE(children::cnpg_cluster.desired(inputs));
  const auto role = object_of(children::cnpg_role, inputs);
  EXPECT_EQ(at(role, "/spec/name"), R"("promptsales_my_shop")") << "a shorter one is somebody else's";
  EXPECT_EQ(at(role, "/spec/passwordSecret/name"),
            at(object_of(children::database_credentials, inputs), "/metadata/name"));
  EXPECT_EQ(at(object_of(children::database_credentials, inputs), "/metadata/labels/cnpg.io~1reload"),
            R"("true")");
  EXPECT_EQ(at(object_of(children::database_credentials, inputs_of("tier: MVP")),
               "/metadata/labels/cnpg.io~1reload"),
            "absent");
  EXPECT_EQ(at(object_of(children::cnpg_database, inputs), "/spec/name"), R"("promptsales_my_shop")");
  EXPECT_EQ(at(object_of(children::cnpg_database, inputs), "/spec/owner"), R"("promptsales_my_shop")");
  EXPECT_EQ(at(object_of(children::cnpg_database, inputs), "/spec/databaseReclaimPolicy"), R"("retain")");
}

// --- logins that the operator makes

const std::string kShared =
    "{tier: MVP, database: {type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}}";

TEST(Logins, AreNamesThatSqlTakesWithoutQuotes) {
  auto inputs = inputs_of(kShared);
  inputs.app.key.name = std::string(40, 'x');  // the longest
  EXPECT_LE(login_name(inputs, Component::kDatabase).size(), 63U);
  EXPECT_EQ(login_name(inputs_of("tier: MVP"), Component::kDatabase), "promptsales");
}

// All of them together, or the server refuses its own superuser.
TEST(CloudNativePg, HasPoolersThatLeaveTheServerConnections) {
  const auto size = [](int instances, int connections) {
    return at(object_of(children::cnpg_pooler,
                        inputs_of("{tier: Scale, database: {type: CloudNativePG, maxConnections: " +
                                  std::to_string(connections) + ", cloudNativePG: {pooler: {instances: " +
                                  std::to_string(instances) + "}}}}")),
              "/spec/pgbouncer/parameters/default_pool_size");
  };
  EXPECT_EQ(size(2, 100), R"("25")");
  EXPECT_EQ(size(6, 100), R"("14")");
  EXPECT_EQ(size(10, 20), R"("1")");
}

// The key to an embedded database's data stays, and its role is none of the Cluster's.
TEST(Logins, OfASharedClusterAreKeptApartFromThoseOfAServerOfOurOwn) {
  const auto embedded = inputs_of("tier: MVP");
  const auto shared = inputs_of(kShared);
  EXPECT_NE(login_secret(embedded, Component::kDatabase), login_secret(shared, Component::kDatabase));
  EXPECT_EQ(login_from({"promptsales", "p"}, shared, Component::kDatabase).username, "promptsales_demo");
  EXPECT_EQ(login_from({"promptsales", "p"}, shared, Component::kDatabase).password, "p");
  EXPECT_EQ(login_from({"promptsales_b", "p"}, embedded, Component::kDatabase).username, "promptsales_b")
      << "its password has been replaced";
}

TEST(Logins, AreTakenFromABindingOnlyWhereTheOperatorMadeThem) {
  const auto inputs = inputs_of("tier: MVP");
  const auto is_ours = [&](const char* provider, const char* user, Component component) {
    return holds_login_of_ours({{"provider", provider}, {"username", user}, {"password", "p"}}, inputs,
                               component);
  };
  EXPECT_TRUE(is_ours("embedded", "default", Component::kCache));
  EXPECT_TRUE(is_ours("embedded", "promptsales", Component::kDatabase));
  EXPECT_FALSE(is_ours("user", "default", Component::kCache));
  EXPECT_FALSE(is_ours("user", "promptsales", Component::kDatabase));
  EXPECT_FALSE(is_ours("aws-rds", "promptsales", Component::kDatabase)) << "of another server";
  EXPECT_FALSE(is_ours("embedded", "app", Component::kCache));
}

constexpr const char* kCluster =
    R"({apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: demo-database},
    spec: {instances: 2}, status: {instances: 2, readyInstances: 2, phase: Cluster in healthy state,
    conditions: [{type: Ready, status: 'True'}]}})";

TEST(CloudNativePg, IsBoundByItsOwnSecretsAndServices) {
  const auto inputs = inputs_of(kCnpg);
  KnownSources sources;
  sources.with_object(kCluster)
      .with_secret("demo-database-app", {{"username", "promptsales"},
                                         {"password", "p"},
                                         {"dbname", "promptsales"},
                                         {"host", "demo-database-rw"}})
      .with_secret("demo-database-ca", {{"ca.crt", "-----BEGIN CERTIFICATE-----\n"}});
  const auto entries = providers::cloud_native_pg.resolve(inputs, sources);
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(value_of(*entries, "host"), "demo-database-rw.shop.svc");
  EXPECT_EQ(value_of(*entries, "read-host"), "demo-database-ro.shop.svc");
  EXPECT_EQ(value_of(*entries, "sslmode"), "verify-full");
  EXPECT_EQ(value_of(*entries, "provider"), "cloudnative-pg");
}

TEST(CloudNativePg, SaysHowFarItIs) {
  const auto inputs = inputs_of(kCnpg);
  KnownSources nothing;
  EXPECT_EQ(providers::cloud_native_pg.resolve(inputs, nothing).error().reason, "Provisioning");
  const auto readiness = [&](const std::string& status) {
    auto object = object_of(children::cnpg_cluster, inputs);
    object["status"] = from_yaml(status);
    return children::cnpg_cluster.ready(object, inputs, {});
  };
  EXPECT_TRUE(readiness("{readyInstances: 1, conditions: [{type: Ready, status: 'True'}]}").ready());
  EXPECT_EQ(readiness("{phase: Setting up primary}").reason, "Provisioning");
  EXPECT_THAT(readiness("{phase: Setting up primary}").message, HasSubstr("Setting up primary"));
  const auto failed = readiness(
      "{instances: 1, readyInstances: 0, phase: Not enough disk space, conditions: [{type: Ready, status: "
      "'False'}]}");
  EXPECT_EQ(failed.reason, "ProviderFailing");
  EXPECT_THAT(failed.message, HasSubstr("Not enough disk space"));
  // Its first pod counts as an instance as soon as there is one.
  const auto starts = readiness(
      "{instances: 1, readyInstances: 0, phase: Setting up primary, phaseReason: 'Creating primary instance "
      "demo-database-1', conditions: [{type: Ready, status: 'False'}]}");
  EXPECT_EQ(starts.reason, "Provisioning");
  EXPECT_THAT(starts.message, HasSubstr("Creating primary instance demo-database-1"));
}

TEST(CloudNativePg, GoesOnServingWhileAStandbyIsRebuilt) {
  auto inputs = inputs_of("{tier: Growth, database: {type: CloudNativePG, highAvailability: Enabled}}");
  inputs.app.generation = 3;
  auto cluster = object_of(children::cnpg_cluster, inputs);
  cluster["status"] = from_yaml(
      "{instances: 1, readyInstances: 1, phase: Creating a new replica, conditions: [{type: Ready, status: "
      "'False'}]}");
  const auto readiness = [&](const std::string& before) {
    inputs.app.status = from_yaml("conditions: [{type: DatabaseReady, " + before + "}]");
    return children::cnpg_cluster.ready(cluster, inputs, {});
  };
  const auto served = readiness("status: 'True', observedGeneration: 3");
  EXPECT_TRUE(served.ready());
  EXPECT_THAT(served.message, HasSubstr("1 of 2 instances"));
  EXPECT_THAT(served.message, HasSubstr("Creating a new replica"));
  EXPECT_FALSE(readiness("status: 'True', observedGeneration: 2").ready())
      << "the standby is what is asked for";
  EXPECT_FALSE(readiness("status: 'False', observedGeneration: 3").ready());
  cluster["status"]["phase"] = "Not enough disk space";
  EXPECT_EQ(readiness("status: 'True', observedGeneration: 3").reason, "ProviderFailing");
}

// The number in its status is that of the pods that are to run.
TEST(CloudNativePg, SaysWhereThePodsOfItsPoolerAreSeen) {
  const auto inputs =
      inputs_of("{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {pooler: {instances: 2}}}}");
  auto pooler = object_of(children::cnpg_pooler, inputs);
  EXPECT_EQ(children::cnpg_pooler.ready(pooler, inputs, {}).reason, "Provisioning");
  pooler["status"] = from_yaml("{instances: 2}");
  const auto readiness = children::cnpg_pooler.ready(pooler, inputs, {});
  EXPECT_TRUE(readiness.ready());
  EXPECT_THAT(readiness.message, HasSubstr("kubectl -n shop get deployment demo-database-pooler"));
}

// --- ACK

const std::string kAckSpec =
    "{tier: Growth, database: {type: ACK, highAvailability: Enabled, readReplicas: 1, ack: {region: "
    "eu-central-1, "
    "dbSubnetGroupRef: {name: s}, vpcSecurityGroupIDs: [sg-1]}}, cache: {type: ACK, ack: {region: "
    "eu-central-1}}}";

TEST(Ack, IsAskedForWhatTheTierSays) {
  const auto inputs = inputs_of(kAckSpec);
  const auto instance = object_of(children::ack_instance, inputs);
  EXPECT_EQ(at(instance, "/spec/dbInstanceClass"), R"("db.m7g.xlarge")");
  EXPECT_EQ(at(instance, "/spec/allocatedStorage"), "500");
  EXPECT_EQ(at(instance, "/spec/multiAZ"), "true");
  EXPECT_EQ(at(instance, "/spec/dbSubnetGroupRef/from/name"), R"("s")");
  EXPECT_EQ(at(instance, "/spec/masterUserPassword"),
            R"({"key":"password","name":"demo-database","namespace":"shop"})");
  EXPECT_EQ(at(instance, "/metadata/annotations/services.k8s.aws~1deletion-policy"), R"("retain")");
  EXPECT_EQ(at(object_of(children::ack_replica, inputs), "/spec/sourceDBInstanceIdentifier"),
            at(instance, "/spec/dbInstanceIdentifier"));
  const auto group = object_of(children::ack_cache, inputs);
  EXPECT_EQ(at(group, "/spec/transitEncryptionEnabled"), "true");
  EXPECT_EQ(at(group, "/spec/cacheNodeType"), R"("cache.m7g.xlarge")");
  EXPECT_TRUE(children::database_credentials.desired(inputs));
  EXPECT_FALSE(children::cache_server.desired(inputs));
}

// The backend follows no redirections of a cluster.
TEST(Ack, HasOneShardWithAReplicaAtTierScale) {
  const auto group =
      object_of(children::ack_cache, inputs_of("{tier: Scale, cache: {type: ACK, ack: {region: r}}}"));
  EXPECT_EQ(at(group, "/spec/numNodeGroups"), "1");
  EXPECT_EQ(at(group, "/spec/replicasPerNodeGroup"), "1");
  EXPECT_EQ(at(group, "/spec/automaticFailoverEnabled"), "true");
  EXPECT_EQ(at(group, "/spec/multiAZEnabled"), "true");
  EXPECT_EQ(at(group, "/spec/cacheParameterGroupName"), "absent");
}

/// As an operator of the first versions made it of tier Scale.
const char* kShards =
    "{apiVersion: a/v1, kind: ReplicationGroup, metadata: {name: demo-cache}, spec: {numNodeGroups: 3, "
    "replicasPerNodeGroup: 1, automaticFailoverEnabled: true, multiAZEnabled: false, "
    "cacheParameterGroupName: default.valkey8.cluster.on, engineVersion: '8.0', autoMinorVersionUpgrade: "
    "false}, status: {configurationEndpoint: {address: all.aws, port: 6379}, nodeGroups: [{nodeGroupID: "
    "'0001'}], conditions: [{type: Ready, status: 'True'}]}}";

// Fewer of them would lose what is cached, and cluster mode cannot be left at all.
TEST(Ack, KeepsTheShardsThatAGroupWasMadeWith) {
  const Object live = from_yaml(kShards);
  for (const char* replicas : {"", ", replicasPerShard: 0", ", shards: 3"}) {
    auto inputs =
        inputs_of("{tier: Scale, cache: {type: ACK, ack: {region: r}" + std::string{replicas} + "}}");
    Facts facts;
    facts.cache_made_as = children::ack_cache.made_as(live);
    facts.cache_standby = children::ack_cache.has_standby(live);
    inputs.effective = effective(inputs.app, inputs.images.backend, built_in_tiers(), facts);
    const auto group = object_of(children::ack_cache, inputs);
    for (const char* field :
         {"/spec/numNodeGroups", "/spec/cacheParameterGroupName", "/spec/engineVersion",
          "/spec/autoMinorVersionUpgrade", "/spec/automaticFailoverEnabled", "/spec/multiAZEnabled"})
      EXPECT_EQ(at(group, field), at(live, field)) << replicas;
  }
  Object one = live;
  one["spec"]["numNodeGroups"] = 1;
  EXPECT_TRUE(children::ack_cache.made_as(one)) << "it is in cluster mode all the same";
  EXPECT_EQ(children::ack_cache.made_as({{"spec", {{"numNodeGroups", 1}, {"engineVersion", "8.1"}}}}),
            std::nullopt);
}

TEST(Ack, SaysWhatIsTheMatterWithSeveralShards) {
  const auto inputs = inputs_of("{tier: Scale, cache: {type: ACK, ack: {region: r}}}");
  Object live = from_yaml(kShards);
  const auto said = children::ack_cache.ready(live, inputs, {});
  EXPECT_EQ(said.reason, "CacheSharded");
  EXPECT_TRUE(said.stalled);
  EXPECT_THAT(said.message,
              AllOf(HasSubstr("3 shards"), HasSubstr("spec.cache.deletionPolicy to Delete"),
                    HasSubstr("delete replicationgroups.elasticache.services.k8s.aws demo-cache")));
  live["status"]["conditions"] = from_yaml("[{type: ACK.Terminal, status: 'True', message: no}]");
  EXPECT_EQ(children::ack_cache.ready(live, inputs, {}).reason, "ProviderTerminal");
  live = from_yaml(kShards);
  live["spec"]["numNodeGroups"] = 1;
  EXPECT_TRUE(children::ack_cache.ready(live, inputs, {}).ready());
  const auto asked = inputs_of("{tier: Scale, cache: {type: ACK, shards: 3, ack: {region: r}}}");
  EXPECT_EQ(children::ack_cache.ready(live, asked, {}).reason, "NotImplemented");
  EXPECT_THAT(children::ack_cache.ready(live, asked, {}).message, HasSubstr("spec.cache.shards"));
}

// Pods that have it keep it: another entry would replace all of them.
TEST(Ack, IsBoundByTheEndpointOfAllShards) {
  KnownSources sources;
  sources.with_object(kShards);
  const auto cache =
      providers::ack_cache.resolve(inputs_of("{tier: Scale, cache: {type: ACK, ack: {region: r}}}"), sources);
  ASSERT_TRUE(cache) << cache.error().message;
  EXPECT_EQ(value_of(*cache, "host"), "all.aws");
  EXPECT_EQ(value_of(*cache, "cluster.nodes"), "all.aws:6379");
}

TEST(Ack, LeavesASnapshotBehindWhereTheSpecSaysSo) {
  const auto mark = [](const std::string& policy, const char* name) {
    const auto inputs =
        inputs_of("{tier: MVP, database: {type: ACK, deletionPolicy: " + policy + ", ack: {region: r}}}");
    return at(object_of(children::ack_instance, inputs), (std::string{"/metadata/"} + name).c_str());
  };
  const char* skip = "annotations/rds.services.k8s.aws~1skip-final-snapshot";
  const char* snapshot = "annotations/rds.services.k8s.aws~1final-db-snapshot-identifier";
  EXPECT_EQ(mark("Snapshot", skip), R"("false")");
  EXPECT_THAT(mark("Snapshot", snapshot), HasSubstr("shop-demo-database-"));
  EXPECT_EQ(mark("Snapshot", "annotations/services.k8s.aws~1deletion-policy"), R"("delete")");
  EXPECT_NE(mark("Snapshot", "ownerReferences"), "absent");
  EXPECT_EQ(mark("Delete", skip), "absent");
  EXPECT_EQ(mark("Retain", snapshot), "absent");
}

// AWS gives a copy the default group of the network, which may let nobody in.
TEST(Ack, HasACopyBehindTheSameSecurityGroups) {
  const auto inputs = inputs_of(kAckSpec);
  EXPECT_EQ(at(object_of(children::ack_replica, inputs), "/spec/vpcSecurityGroupIDs"), R"(["sg-1"])");
}

Object with_condition(const Child& child, const Inputs& inputs, const std::string& conditions) {
  auto object = object_of(child, inputs);
  object["status"]["conditions"] = from_yaml(conditions);
  return object;
}

TEST(Ack, TellsARefusalFromAFailureFromProgress) {
  const auto inputs = inputs_of(kAckSpec);
  const auto readiness = [&](const std::string& conditions) {
    return children::ack_instance.ready(with_condition(children::ack_instance, inputs, conditions), inputs,
                                        {});
  };
  EXPECT_TRUE(readiness("[{type: ACK.ResourceSynced, status: 'True'}]").ready());
  EXPECT_TRUE(readiness("[{type: Ready, status: 'True'}]").ready());
  EXPECT_EQ(readiness("[]").reason, "Provisioning");
  const auto refused = readiness("[{type: ACK.Terminal, status: 'True', message: InvalidParameterValue}]");
  EXPECT_EQ(refused.reason, "ProviderTerminal");
  EXPECT_TRUE(refused.stalled);
  EXPECT_THAT(refused.message, HasSubstr("InvalidParameterValue"));
  const auto failed = readiness("[{type: ACK.Recoverable, status: 'True', message: AccessDenied}]");
  EXPECT_EQ(failed.reason, "ProviderFailing");
  EXPECT_FALSE(failed.stalled);
}

TEST(Ack, IsBoundByItsEndpoints) {
  const auto inputs = inputs_of(kAckSpec);
  KnownSources sources;
  sources
      .with_object(
          "{apiVersion: a/v1, kind: DBInstance, metadata: {name: demo-database}, status: {endpoint: "
          "{address: w.rds, port: 5433}}}")
      .with_object(
          "{apiVersion: a/v1, kind: DBInstance, metadata: {name: demo-database-read}, status: {endpoint: "
          "{address: r.rds, port: 5434}}}")
      .with_object(
          "{apiVersion: a/v1, kind: ReplicationGroup, metadata: {name: demo-cache}, status: {nodeGroups: "
          "[{primaryEndpoint: {address: c.aws, port: 6380}}]}}");
  const auto database = providers::ack_database.resolve(inputs, sources);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(value_of(*database, "sslmode"), "require");
  EXPECT_TRUE(lacks_ca(*database));
  auto trusting = inputs;
  trusting.trusted = "the CAs of RDS";
  const auto checked = providers::ack_database.resolve(trusting, sources);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(value_of(*checked, "sslmode"), "verify-full");
  EXPECT_EQ(value_of(*checked, "ca.crt"), "the CAs of RDS");
  EXPECT_EQ(value_of(*database, "host"), "w.rds");
  EXPECT_EQ(value_of(*database, "read-port"), "5434");
  EXPECT_EQ(value_of(*database, "password"), kDatabasePassword);
  const auto cache = providers::ack_cache.resolve(inputs, sources);
  ASSERT_TRUE(cache) << cache.error().message;
  EXPECT_EQ(value_of(*cache, "port"), "6380");
  EXPECT_EQ(value_of(*cache, "ssl"), "true");
  EXPECT_EQ(value_of(*cache, "password"), kCachePassword);
}

// --- Config Connector

const std::string kGcpSpec =
    "{tier: Growth, database: {type: ConfigConnector, version: '16', configConnector: {region: europe-west3, "
    "networkRef: {name: n}}}, "
    "cache: {type: ConfigConnector, highAvailability: Enabled, configConnector: {region: europe-west3}}}";

TEST(ConfigConnector, IsAskedForWhatTheTierSays) {
  const auto inputs = inputs_of(kGcpSpec);
  const auto instance = object_of(children::gcp_instance, inputs);
  EXPECT_EQ(at(instance, "/spec/databaseVersion"), R"("POSTGRES_16")");
  EXPECT_EQ(at(instance, "/spec/settings/tier"), R"("db-custom-4-16384")");
  EXPECT_EQ(at(instance, "/spec/settings/edition"), R"("ENTERPRISE")");
  EXPECT_EQ(at(instance, "/spec/settings/ipConfiguration"),
            R"({"ipv4Enabled":false,"privateNetworkRef":{"name":"n"}})");
  EXPECT_EQ(at(instance, "/metadata/annotations/cnrm.cloud.google.com~1deletion-policy"), R"("abandon")");
  EXPECT_EQ(at(instance, "/metadata/annotations/cnrm.cloud.google.com~1state-into-spec"), R"("absent")");
  EXPECT_EQ(at(object_of(children::gcp_user, inputs), "/spec/password/valueFrom/secretKeyRef/name"),
            R"("demo-database")");
  const auto redis = object_of(children::gcp_cache, inputs);
  EXPECT_EQ(at(redis, "/spec/tier"), R"("STANDARD_HA")");
  EXPECT_EQ(at(redis, "/spec/memorySizeGb"), "8");
}

// Cloud SQL makes no standby of a server that could not be taken back to a point in time.
TEST(ConfigConnector, HasTheBackupsThatAStandbyNeeds) {
  for (const auto& [wanted, recovery] :
       std::map<std::string, std::string>{{"Enabled", "true"}, {"Disabled", "false"}})
    EXPECT_EQ(at(object_of(children::gcp_instance,
                           inputs_of("{tier: MVP, database: {type: ConfigConnector, highAvailability: " +
                                     wanted + ", configConnector: {region: r}}}")),
                 "/spec/settings/backupConfiguration"),
              R"({"enabled":true,"pointInTimeRecoveryEnabled":)" + recovery + "}");
}

TEST(ConfigConnector, HasAMemorystoreWithAStandbyFromTierGrowthOn) {
  const auto tier = [](const std::string& spec, const char* live = nullptr) {
    auto inputs = inputs_of("{" + spec + ", configConnector: {region: r}}}");
    Facts facts;
    if (live) facts.cache_standby = children::gcp_cache.has_standby({{"spec", {{"tier", live}}}});
    inputs.effective = effective(inputs.app, inputs.images.backend, built_in_tiers(), facts);
    return at(object_of(children::gcp_cache, inputs), "/spec/tier");
  };
  const std::string cache = ", cache: {type: ConfigConnector";
  EXPECT_EQ(tier("tier: MVP" + cache), R"("BASIC")");
  EXPECT_EQ(tier("tier: Growth" + cache), R"("STANDARD_HA")");
  EXPECT_EQ(tier("tier: Growth" + cache + ", highAvailability: Disabled"), R"("BASIC")");
  EXPECT_EQ(tier("tier: Scale" + cache, "BASIC"), R"("BASIC")") << "it cannot be changed";
  const auto named = inputs_of(
      "{tier: MVP, cache: {type: ConfigConnector, configConnector: {region: r, instanceTier: "
      "STANDARD_HA}}}");
  EXPECT_EQ(at(object_of(children::gcp_cache, named), "/spec/tier"), R"("STANDARD_HA")");
  EXPECT_EQ(at(to_status(named.effective), "/cache/highAvailability"), R"("Enabled")");
  EXPECT_EQ(tier("tier: MVP" + cache, "STANDARD_HA"), R"("STANDARD_HA")");
}

TEST(ConfigConnector, HasTheEditionOfItsMachine) {
  const auto inputs = inputs_of(
      "{tier: Growth, database: {type: ConfigConnector, readReplicas: 1, configConnector: {region: r, "
      "instanceTier: db-perf-optimized-N-4}}}");
  for (const Child* child : {&children::gcp_instance, &children::gcp_replica})
    EXPECT_EQ(at(object_of(*child, inputs), "/spec/settings/edition"), R"("ENTERPRISE_PLUS")");
}

TEST(ConfigConnector, IsBoundByItsAddresses) {
  const auto inputs = inputs_of(kGcpSpec);
  KnownSources sources;
  sources
      .with_object(
          "{apiVersion: g/v1, kind: SQLInstance, metadata: {name: demo-database}, status: {privateIpAddress: "
          "10.1.2.3, serverCaCert: {cert: '-----BEGIN CERTIFICATE-----'}}}")
      .with_object(
          "{apiVersion: g/v1, kind: RedisInstance, metadata: {name: demo-cache}, status: {host: 10.1.2.4, "
          "port: 6378, observedState: {authString: secret}, serverCaCerts: [{cert: '-----BEGIN "
          "CERTIFICATE-----'}]}}");
  const auto database = providers::gcp_database.resolve(inputs, sources);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(value_of(*database, "host"), "10.1.2.3");
  EXPECT_EQ(value_of(*database, "sslmode"), "verify-ca");
  const auto cache = providers::gcp_cache.resolve(inputs, sources);
  ASSERT_TRUE(cache) << cache.error().message;
  EXPECT_EQ(value_of(*cache, "password"), "secret");
  EXPECT_EQ(value_of(*cache, "uri"), "rediss://:secret@10.1.2.4:6378/0");
}

TEST(ConfigConnector, SaysWhatFails) {
  const auto inputs = inputs_of(kGcpSpec);
  const auto readiness = [&](const std::string& conditions) {
    return children::gcp_instance.ready(with_condition(children::gcp_instance, inputs, conditions), inputs,
                                        {});
  };
  EXPECT_TRUE(readiness("[{type: Ready, status: 'True', reason: UpToDate}]").ready());
  EXPECT_EQ(readiness("[{type: Ready, status: 'False', reason: Updating}]").reason, "Provisioning");
  const auto failed =
      readiness("[{type: Ready, status: 'False', reason: UpdateFailed, message: quota exceeded}]");
  EXPECT_EQ(failed.reason, "ProviderFailing");
  EXPECT_THAT(failed.message, HasSubstr("quota exceeded"));
}

// --- Azure Service Operator

const std::string kAzureSpec =
    "{tier: Growth, database: {type: AzureServiceOperator, azureServiceOperator: {location: "
    "germanywestcentral, resourceGroupRef: {name: g}}}, "
    "cache: {type: AzureServiceOperator, azureServiceOperator: {location: germanywestcentral, "
    "resourceGroupRef: {name: g}, sku: Premium_P1}}}";

TEST(Azure, IsAskedForWhatTheTierSays) {
  const auto inputs = inputs_of(kAzureSpec);
  const auto server = object_of(children::azure_server, inputs);
  EXPECT_EQ(at(server, "/spec/sku"), R"({"name":"Standard_D4ds_v5","tier":"GeneralPurpose"})");
  EXPECT_EQ(at(server, "/spec/version"), R"("17")");
  EXPECT_EQ(at(server, "/spec/administratorLoginPassword/name"), R"("demo-database")");
  EXPECT_EQ(at(server, "/metadata/annotations/serviceoperator.azure.com~1reconcile-policy"),
            R"("detach-on-delete")");
  EXPECT_EQ(at(object_of(children::azure_cache, inputs), "/spec/sku"),
            R"({"capacity":1,"family":"P","name":"Premium"})");
}

TEST(Azure, IsAskedForADiskThatItHas) {
  EXPECT_EQ(at(object_of(children::azure_server, inputs_of(kAzureSpec)), "/spec/storage/storageSizeGB"),
            "512");
}

TEST(Azure, HasNoStandbyOfABurstableServer) {
  const auto inputs = inputs_of(
      "{tier: MVP, database: {type: AzureServiceOperator, highAvailability: Enabled, azureServiceOperator: "
      "{location: l, resourceGroupRef: {name: g}}}}");
  EXPECT_EQ(at(object_of(children::azure_server, inputs), "/spec/sku/tier"), R"("GeneralPurpose")");
  const auto named = inputs_of(
      "{tier: Scale, database: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
      "resourceGroupRef: {name: g}, sku: Standard_B2s}}}");
  EXPECT_EQ(at(object_of(children::azure_server, named), "/spec/highAvailability/mode"), R"("Disabled")");
}

TEST(Azure, SaysWhatDoesNothingOfACacheThatIsThere) {
  const auto said = [](const std::string& more) {
    const auto inputs = inputs_of(
        "{tier: MVP, cache: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
        "resourceGroupRef: {name: g}}" +
        more + "}}");
    return children::azure_cache.ready(
        with_condition(children::azure_cache, inputs, "[{type: Ready, status: 'True'}]"), inputs, {});
  };
  EXPECT_EQ(said("").message, "");
  EXPECT_TRUE(said(", highAvailability: Enabled").ready());
  EXPECT_THAT(said(", highAvailability: Enabled").message, HasSubstr("spec.cache.highAvailability"));
}

TEST(Azure, IsBoundByWhatItWrites) {
  const auto inputs = inputs_of(kAzureSpec);
  KnownSources sources;
  sources.with_object("{apiVersion: z/v1, kind: FlexibleServer, metadata: {name: demo-database}}")
      .with_object("{apiVersion: z/v1, kind: Redis, metadata: {name: demo-cache}}");
  EXPECT_EQ(providers::azure_database.resolve(inputs, sources).error().reason, "Provisioning");
  sources.with_secret("demo-database-azure", {{"host", "demo.postgres.database.azure.com"}})
      .with_secret("demo-cache-azure",
                   {{"host", "demo.redis.cache.windows.net"}, {"port", "10000"}, {"password", "k"}});
  const auto database = providers::azure_database.resolve(inputs, sources);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(value_of(*database, "host"), "demo.postgres.database.azure.com");
  const auto cache = providers::azure_cache.resolve(inputs, sources);
  ASSERT_TRUE(cache) << cache.error().message;
  EXPECT_EQ(value_of(*cache, "port"), "10000");
}

TEST(Azure, TellsARefusalByItsSeverity) {
  const auto inputs = inputs_of(kAzureSpec);
  const auto readiness = [&](const std::string& severity) {
    return children::azure_server.ready(
        with_condition(children::azure_server, inputs,
                       "[{type: Ready, status: 'False', severity: " + severity + ", message: m}]"),
        inputs, {});
  };
  EXPECT_TRUE(readiness("Error").stalled);
  EXPECT_EQ(readiness("Warning").reason, "ProviderFailing");
  EXPECT_EQ(readiness("Info").reason, "Provisioning");
}

}  // namespace
}  // namespace promptsales::controllers::bindings
