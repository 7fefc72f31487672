// The embedded database and cache: servers, services, bindings, credentials, and who may talk to them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/postgres_version.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::kCachePassword;
using promptsales::testing::kDatabasePassword;
using promptsales::testing::object_of;
using promptsales::testing::objects_of;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

/// `data` of a Secret, decoded.
std::map<std::string, std::string> content_of(const Object& secret) {
  std::map<std::string, std::string> content;
  for (const auto& [name, value] : secret.at("data").items())
    content[name] = base64_decode(value.get<std::string>()).value();
  return content;
}

const Json& server_container(const Object& server) {
  return server.at("spec").at("template").at("spec").at("containers").at(0);
}

// --- bindings

using Entries = std::map<std::string, std::string>;

TEST(DatabaseBinding, HasTheFixedKeysOfPostgresql) {
  const auto secret = object_of(children::database_binding, inputs_of("tier: MVP"));
  EXPECT_EQ(secret.at("type"), "servicebinding.io/postgresql");
  const std::string uri =
      "postgresql://promptsales:database%2Fpass%2Bword%221@demo-database.shop.svc:5432/"
      "promptsales?sslmode=disable";
  EXPECT_EQ(content_of(secret), (Entries{{"type", "postgresql"},
                                         {"provider", "embedded"},
                                         {"host", "demo-database.shop.svc"},
                                         {"port", "5432"},
                                         {"username", "promptsales"},
                                         {"password", kDatabasePassword},
                                         {"database", "promptsales"},
                                         {"dbname", "promptsales"},
                                         {"sslmode", "disable"},
                                         {"ca.crt", ""},
                                         {"uri", uri},
                                         {"read-host", "demo-database.shop.svc"},
                                         {"read-port", "5432"},
                                         {"read-uri", uri}}));
}

TEST(CacheBinding, HasTheFixedKeysOfRedis) {
  const auto secret = object_of(children::cache_binding, inputs_of("tier: MVP"));
  const std::string uri = "redis://default:cache%2Fpass%2Bword%222@demo-cache.shop.svc:6379/0";
  EXPECT_EQ(secret.at("type"), "servicebinding.io/redis");
  EXPECT_EQ(content_of(secret), (Entries{{"type", "redis"},
                                         {"provider", "embedded"},
                                         {"host", "demo-cache.shop.svc"},
                                         {"port", "6379"},
                                         {"username", "default"},
                                         {"password", kCachePassword},
                                         {"ssl", "false"},
                                         {"ca.crt", ""},
                                         {"cluster.nodes", ""},
                                         {"uri", uri},
                                         {"url", uri}}));
}

TEST(Bindings, AreWhatTheBackendMounts) {
  const auto objects = objects_of(inputs_of("tier: MVP"));
  std::map<std::string, std::string> secrets;  // by volume
  const auto& pod = objects.at("backend_deployment").at("spec").at("template").at("spec");
  for (const Json& volume : pod.at("volumes"))
    if (volume.contains("secret")) secrets[volume.at("name")] = volume.at("secret").at("secretName");
  std::map<std::string, std::string> mounted;  // by folder
  for (const Json& mount : pod.at("containers").at(0).at("volumeMounts"))
    if (secrets.contains(mount.at("name"))) mounted[mount.at("mountPath")] = secrets[mount.at("name")];
  EXPECT_EQ(mounted, (std::map<std::string, std::string>{
                         {"/bindings/database", objects.at("database_binding").at("metadata").at("name")},
                         {"/bindings/cache", objects.at("cache_binding").at("metadata").at("name")},
                         {"/tls", objects.at("tls_certificate").at("metadata").at("name")}}));
}

TEST(Bindings, AreLeftAloneByToolsThatRestartPodsForASecret) {
  for (const Child* child : {&children::database_binding, &children::cache_binding})
    EXPECT_EQ(object_of(*child, inputs_of("tier: MVP"))
                  .at("metadata")
                  .at("annotations")
                  .at("reloader.stakater.com/ignore"),
              "true");
}

TEST(Bindings, AreMountedForMessagingOnlyWhereThereIsAny) {
  const auto mounts = [](const std::string& spec) {
    const auto deployment = object_of(children::backend_deployment, inputs_of(spec));
    return deployment.dump().find("/bindings/messaging") != std::string::npos;
  };
  EXPECT_FALSE(mounts("tier: MVP"));
  EXPECT_FALSE(mounts("{tier: MVP, messaging: {type: None}}"));
  EXPECT_TRUE(mounts("{tier: MVP, messaging: {type: Embedded}}"));
}

TEST(TheBackend, IsNotMadeBeforeAllThatItNeedsIsBound) {
  for (const Component missing : {Component::kDatabase, Component::kCache, Component::kMessaging}) {
    auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
    inputs.bindings.erase(missing);
    EXPECT_FALSE(children::backend_deployment.desired(inputs)) << static_cast<int>(missing);
    EXPECT_TRUE(children::backend_service.desired(inputs));
    inputs.done_without.insert(missing);
    EXPECT_EQ(object_of(children::backend_deployment, inputs)
                  .dump()
                  .find("binding-" + std::string{text_of(missing)}),
              std::string::npos)
        << "what runs goes on without it, and gets what else the spec changes";
  }
}

TEST(TheBackend, ReachesAHostThatNoPolicyCanNameByItsPortsAlone) {
  auto inputs = inputs_of("tier: MVP");
  inputs.bindings[Component::kDatabase] = {
      {"provider", "user"}, {"host", "db.example"}, {"port", "6000"}, {"read-port", "6001"}};
  const auto egress = object_of(children::backend_network, inputs).at("spec").at("egress");
  EXPECT_THAT(egress.get<std::vector<Json>>(),
              Contains(Json{{"ports", Json::array({{{"port", 6000}, {"protocol", "TCP"}},
                                                   {{"port", 6001}, {"protocol", "TCP"}}})}}));
}

// --- messaging

TEST(Messaging, HasAServerAVolumeAndAConfigurationOfItsOwn) {
  const auto objects = objects_of(inputs_of("{tier: MVP, messaging: {type: Embedded, storage: 10Gi}}"));
  const auto& server = objects.at("messaging_server");
  EXPECT_EQ(server_container(server).at("image"), "registry.example/nats:2.14");
  EXPECT_EQ(server.at("spec").at("persistentVolumeClaimRetentionPolicy").at("whenDeleted"), "Retain");
  const auto content = content_of(objects.at("messaging_credentials"));
  EXPECT_THAT(content.at("nats.conf"),
              AllOf(HasSubstr("store_dir: /data"), HasSubstr("max_file_store: 9663676416"),
                    HasSubstr("max_memory_store: 33554432")));
  EXPECT_THAT(content.at("nats.conf"), HasSubstr(std::string{"password: \""} + content.at("password")));
}

TEST(Messaging, PromisesTheRoomThatThereIsAndStartsAnewWhenThereIsMore) {
  auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded, storage: 20Gi}}");
  inputs.messaging_room = "10Gi";
  const auto conf = content_of(object_of(children::messaging_credentials, inputs)).at("nats.conf");
  EXPECT_THAT(conf, HasSubstr("max_file_store: 9663676416")) << "the volume has not grown yet";
  const auto pod_of = [](const Inputs& of) {
    return object_of(children::messaging_server, of).at("spec").at("template").at("metadata");
  };
  const auto before = pod_of(inputs);
  inputs.messaging_room = "20Gi";
  EXPECT_THAT(content_of(object_of(children::messaging_credentials, inputs)).at("nats.conf"),
              HasSubstr("max_file_store: 19327352832"));
  EXPECT_NE(pod_of(inputs), before);
  const auto grown = pod_of(inputs);
  inputs.messaging_room = "21Gi";
  EXPECT_EQ(pod_of(inputs), grown) << "providers round up";
}

// --- credentials

TEST(DatabaseCredentials, AreMadeOnceAndStayWithTheData) {
  EXPECT_EQ(children::database_credentials.write, Child::Write::kCreateOnce);
  EXPECT_TRUE(children::database_credentials.retained);
  const auto secret = object_of(children::database_credentials, inputs_of("tier: MVP"));
  EXPECT_EQ(secret.at("type"), "kubernetes.io/basic-auth");
  EXPECT_EQ(content_of(secret), (Entries{{"username", "promptsales"}, {"password", kDatabasePassword}}));
}

TEST(Credentials, AreTheOnlyOwnChildrenThatMayOutliveTheResource) {
  for (const Child* child : all_children()) {
    if (is_optional(child->kind)) continue;  // what a provider makes is kept by its deletion policy
    EXPECT_EQ(child->retained,
              child == &children::database_credentials || child == &children::cache_credentials)
        << child->id;
  }
}

TEST(CacheCredentials, StayWithACacheThatStaysAndGoWithOneThatDoesNot) {
  const auto is_owned = [](const std::string& cache) {
    return object_of(children::cache_credentials, inputs_of("{tier: MVP, cache: " + cache + "}"))
        .at("metadata")
        .contains("ownerReferences");
  };
  EXPECT_TRUE(is_owned("{type: Embedded}"));
  EXPECT_FALSE(is_owned("{type: ACK, ack: {region: r}}"))
      << "the group would know a password that nobody has";
}

TEST(CacheCredentials, HoldTheAccessListThatTheServerReads) {
  const auto content = content_of(object_of(children::cache_credentials, inputs_of("tier: MVP")));
  EXPECT_EQ(content.at("users.acl"), std::string{"user default on >"} + kCachePassword + " ~* &* +@all\n");
  EXPECT_EQ(content.at("password"), kCachePassword);
}

TEST(CacheCredentials, LeaveNoUserWithoutAPassword) {
  auto inputs = inputs_of("tier: MVP");
  inputs.cache->username = "app";
  EXPECT_THAT(content_of(object_of(children::cache_credentials, inputs)).at("users.acl"),
              HasSubstr("\nuser default off\n"));
}

// --- servers

struct StorageCase {
  std::string name;
  std::string database;
  std::string storage;
  std::optional<std::string> storage_class;
};

void PrintTo(const StorageCase& row, std::ostream* out) { *out << row.database; }

class DatabaseVolume : public ::testing::TestWithParam<StorageCase> {};

TEST_P(DatabaseVolume, IsWhatTheSpecAsksFor) {
  const auto server =
      object_of(children::database_server, inputs_of("{tier: MVP, database: " + GetParam().database + "}"));
  const auto& claims = server.at("spec").at("volumeClaimTemplates");
  ASSERT_EQ(claims.size(), 1U);
  const auto& spec = claims.at(0).at("spec");
  EXPECT_EQ(spec.at("resources"), (Json{{"requests", {{"storage", GetParam().storage}}}}));
  EXPECT_EQ(spec.contains("storageClassName"), GetParam().storage_class.has_value());
  if (GetParam().storage_class) {
    EXPECT_EQ(spec.at("storageClassName"), *GetParam().storage_class);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Specs, DatabaseVolume,
    ::testing::Values(
        StorageCase{"TheTiersSizeAndTheClustersClass", "{type: Embedded}", "20Gi", std::nullopt},
        StorageCase{"ANamedClass", "{type: Embedded, storageClassName: fast}", "20Gi", "fast"},
        StorageCase{"ASizeInTheServersSpelling", "{type: Embedded, storage: 1.5Gi}", "1536Mi", std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(DatabaseVolumes, AreKeptWhateverBecomesOfTheServer) {
  const auto spec = object_of(children::database_server, inputs_of("tier: MVP")).at("spec");
  EXPECT_EQ(spec.at("persistentVolumeClaimRetentionPolicy"),
            (Json{{"whenDeleted", "Retain"}, {"whenScaled", "Retain"}}));
  Json labels = spec.at("volumeClaimTemplates").at(0).at("metadata").at("labels");
  labels.erase(kPostgresVersion);  // of the claim alone: postgres_version_test.cpp
  EXPECT_EQ(labels, object_of(children::database_server, inputs_of("tier: MVP")).at("metadata").at("labels"));
}

TEST(DatabaseServer, TakesAsManyConnectionsAsTheBudgetCountsWith) {
  auto inputs = inputs_of("tier: MVP");
  inputs.effective.database.max_connections = 77;
  EXPECT_EQ(server_container(object_of(children::database_server, inputs)).at("args"),
            Json({"postgres", "-c", "max_connections=77"}));
}

TEST(CacheServer, EvictsBeforeTheKernelKillsIt) {
  const auto args =
      server_container(
          object_of(children::cache_server,
                    inputs_of("{tier: MVP, cache: {type: Embedded, resources: {limits: {memory: 1Gi}}}}")))
          .at("args")
          .get<std::vector<std::string>>();
  const auto option = std::ranges::find(args, "--maxmemory");
  ASSERT_NE(option, args.end());
  EXPECT_EQ(*std::next(option), "805306368");  // three quarters of 1 GiB
  EXPECT_THAT(args, Contains("allkeys-lfu"));
}

TEST(CacheServer, KeepsNothing) {
  const auto spec = object_of(children::cache_server, inputs_of("tier: MVP")).at("spec");
  EXPECT_FALSE(spec.contains("volumeClaimTemplates"));
}

TEST(EmbeddedServers, AreReachedByTheNameThatTheirStatefulSetGives) {
  const auto objects = objects_of(inputs_of("tier: MVP"));
  for (const std::string part : {"database", "cache"}) {
    const auto& server = objects.at(part + "_server");
    const auto& service = objects.at(part + "_service");
    EXPECT_EQ(server.at("spec").at("serviceName"), service.at("metadata").at("name"));
    const auto& port = service.at("spec").at("ports").at(0);
    const auto& target = server_container(server).at("ports").at(0);
    EXPECT_EQ(port.at("targetPort"), target.at("name"));
    EXPECT_EQ(port.at("port"), target.at("containerPort"));
  }
}

// --- network

TEST(NetworkPolicies, AreThreeOrNone) {
  const auto count = [](const std::string& spec) {
    const auto objects = objects_of(inputs_of(spec));
    return std::ranges::count_if(objects,
                                 [](const auto& each) { return each.second.at("kind") == "NetworkPolicy"; });
  };
  EXPECT_EQ(count("tier: MVP"), 3);
  EXPECT_EQ(count("{tier: MVP, networkPolicy: {enabled: true}}"), 3);
  EXPECT_EQ(count("{tier: MVP, networkPolicy: {enabled: false}}"), 0);
}

TEST(NetworkPolicies, LetTheBackendAndItsJobsAloneReachTheData) {
  const auto objects = objects_of(inputs_of("tier: MVP"));
  const auto& backend = objects.at("backend_network").at("spec");
  for (const auto& [policy, port] : {std::pair{"database_network", 5432}, {"cache_network", 6379}}) {
    const auto& spec = objects.at(policy).at("spec");
    const Json ports = Json::array({{{"port", port}, {"protocol", "TCP"}}});
    Json from = Json::array({{{"podSelector", backend.at("podSelector")}}});
    const auto let_in = [&](Component component) {
      from.push_back(
          {{"podSelector", {{"matchLabels", selector_of(inputs_of("tier: MVP").app, component)}}}});
    };
    if (port == 5432) let_in(Component::kMigration);
    let_in(Component::kTask);
    EXPECT_EQ(spec.at("ingress"), Json::array({{{"from", from}, {"ports", ports}}}));
    EXPECT_EQ(spec.at("policyTypes"), Json({"Ingress", "Egress"}));
    EXPECT_EQ(spec.value("egress", Json::array()), Json::array()) << "nothing goes out";
    const Json way_out{{"to", Json::array({{{"podSelector", spec.at("podSelector")}}})}, {"ports", ports}};
    EXPECT_THAT(backend.at("egress").get<std::vector<Json>>(), Contains(way_out));
  }
}

TEST(NetworkPolicies, LetTheBackendAskForNamesAndForNothingElse) {
  const auto egress = object_of(children::backend_network, inputs_of("tier: MVP")).at("spec").at("egress");
  EXPECT_EQ(egress.size(), 3U) << "names, database, cache";
  EXPECT_EQ(egress.at(0), (Json{{"ports", Json::array({{{"port", 53}, {"protocol", "UDP"}},
                                                       {{"port", 53}, {"protocol", "TCP"}},
                                                       {{"port", 5353}, {"protocol", "UDP"}},
                                                       {{"port", 5353}, {"protocol", "TCP"}}})}}));
}

TEST(NetworkPolicies, GoOnAllowingWhatPodsAreStillBoundToAndNothingThatOthersAdded) {
  const auto egress_of = [](const Inputs& inputs) {
    return object_of(children::backend_network, inputs).at("spec").at("egress");
  };
  const auto on_port = [](int port) {
    return Json{{"ports", Json::array({{{"port", port}, {"protocol", "TCP"}}})}};
  };
  const auto embedded = inputs_of("tier: MVP");
  auto moved = inputs_of("{tier: MVP, database: {type: Secret, secretRef: {name: login}}}");
  moved.bindings[Component::kDatabase]["provider"] = "user";
  moved.bindings[Component::kDatabase]["port"] = "6432";
  const Json now = egress_of(moved);

  moved.former_egress = egress_of(embedded);
  Json both = now;
  both.push_back(moved.former_egress.at(1));
  ASSERT_EQ(both.back().at("ports"), on_port(5432).at("ports")) << both;
  EXPECT_EQ(egress_of(moved), both);

  moved.former_egress = both;
  for (const Json& added :
       {Json::object(), Json{{"to", Json::array({{{"ipBlock", {{"cidr", "0.0.0.0/0"}}}}})}},
        Json{{"to", Json::array({{{"podSelector", Json::object()}}})}, {"ports", on_port(80).at("ports")}}})
    moved.former_egress.push_back(added);
  EXPECT_EQ(egress_of(moved), both);
}

}  // namespace
}  // namespace promptsales::controllers
