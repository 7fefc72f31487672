// What the operator renders for others, held against their definitions on a real API server: fields that these do not
// have are refused, and so is whatever breaks a rule of the provider (providers.yaml).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "controllers/promptsales/optional_kinds.hpp"
#include "controllers/promptsales/validate.hpp"
#include "operator/client/transport.hpp"
#include "tests/integration/support/definitions.hpp"
#include "tests/integration/support/promptsales_api.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using controllers::Inputs;
using k8s::Json;

/// As the API server has it; Azure's, whose version is left open, at one of those that there are.
k8s::Kind as_defined(const k8s::Kind& kind) {
  return {kind.group, kind.version.empty() ? "v1api20240801" : kind.version, kind.kind, kind.plural,
          kind.namespaced};
}

class ProviderRules : public ::testing::Test {
 protected:
  /// What the server says to this object of ours; empty if it would take it.
  std::string refusal(const k8s::Kind& kind, Json object) {
    object["metadata"]["namespace"] = server.ns();
    object["apiVersion"] = kind.api_version();
    object["metadata"].erase("ownerReferences");
    const auto answer = transport->send(
        {.method = "PATCH",
         .target = kind.path(server.ns()) + "/" + k8s::string_at(object, {"metadata", "name"}) +
                   "?fieldManager=test&force=true&dryRun=All&fieldValidation=Strict",
         .body = object.dump(),
         .content_type = "application/apply-patch+yaml"},
        std::chrono::seconds{15});
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    if (answer && answer->status < 400) return "";
    return message_of(answer.value_or(HttpResponse{})) + "\n" + object.dump(1);
  }

  /// Every object for others that this resource has; how many there were.
  int expect_taken(const Inputs& inputs) {
    int count = 0;
    for (const auto* child : controllers::all_children()) {
      const auto* optional = controllers::optional_kind(child->kind);
      const auto object = optional ? child->desired(inputs) : std::nullopt;
      if (!object) continue;
      ++count;
      rendered.insert(std::string{child->id});
      EXPECT_EQ(refusal(as_defined(child->kind), *object), "") << child->id;
    }
    return count;
  }

  ApiServer server;
  SystemClock clock;
  std::unique_ptr<client::Transport> transport = client::make_transport(config(), clock).value();
  Definitions definitions{server, optional_kinds()};
  std::set<std::string> rendered;

 private:
  static std::vector<k8s::Kind> optional_kinds() {
    std::vector<k8s::Kind> kinds;
    for (const auto& each : controllers::optional_kinds()) kinds.push_back(as_defined(each.kind));
    return kinds;
  }
};

/// Databases and caches of each provider, with what can be said of them.
std::vector<std::string> databases() {
  const std::string ack =
      "type: ACK, ack: {region: r, dbSubnetGroupRef: {name: s}, vpcSecurityGroupIDs: [sg-1]";
  const std::string gcp = "type: ConfigConnector, configConnector: {region: r, networkRef: {name: n}";
  const std::string azure =
      "type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}";
  std::vector<std::string> all;
  for (const std::string& provider :
       {std::string{"type: CloudNativePG"},
        std::string{"type: CloudNativePG, cloudNativePG: {pooler: {instances: 10, poolMode: session}}"},
        std::string{"type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}"}, ack + "}",
        ack + ", instanceClass: db.r7g.16xlarge}", gcp + "}", gcp + ", instanceTier: db-perf-optimized-N-8}",
        azure + "}", azure + ", sku: Standard_E4ds_v5}"})
    for (const char* more :
         {"", ", highAvailability: Enabled", ", readReplicas: 1", ", version: '16'", ", storage: 3Ti",
          ", storage: 2Gi", ", deletionPolicy: Delete", ", resources: {requests: {cpu: 7, memory: 100Gi}}",
          ", resources: {requests: {cpu: 3, memory: 512Mi}}", ", maxConnections: 30"})
      all.push_back(provider + more);
  return all;
}

std::vector<std::string> caches() {
  const std::string ack = "type: ACK, ack: {region: r, securityGroupIDs: [sg-1], cacheSubnetGroupName: s}";
  const std::string gcp = "type: ConfigConnector, configConnector: {region: r, networkRef: {name: n}}";
  const std::string azure =
      "type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}";
  std::vector<std::string> all;
  for (const std::string& provider :
       {ack, ack + ", shards: 1, replicasPerShard: 2", ack + ", replicasPerShard: 0", gcp, azure + "}",
        azure + ", sku: Premium_P3}", azure + ", sku: Basic_C6}"})
    for (const char* more : {"", ", highAvailability: Enabled", ", resources: {requests: {memory: 64Mi}}",
                             ", resources: {requests: {memory: 100Gi}}"})
      all.push_back(provider + more);
  return all;
}

TEST_F(ProviderRules, HoldForEveryTierAndProvider) {
  int specs = 0;
  const auto cache_of_others = std::string{"cache: {type: Secret, secretRef: {name: s}}"};
  const auto database_of_others = std::string{"database: {type: Secret, secretRef: {name: s}}"};
  const auto look = [&](const std::string& spec) {
    SCOPED_TRACE(spec);
    const auto inputs = inputs_of(spec);
    if (!controllers::validate(inputs.app, inputs.effective).empty()) return;  // never rendered
    EXPECT_GT(expect_taken(inputs), 0);
    ++specs;
  };
  for (const std::string tier : {"MVP", "Growth", "Scale"}) {
    for (const auto& database : databases())
      look("{tier: " + tier + ", database: {" + database + "}, " + cache_of_others + "}");
    for (const auto& cache : caches())
      look("{tier: " + tier + ", cache: {" + cache + "}, " + database_of_others + "}");
    look("{tier: " + tier +
         ", backend: {autoscaling: {type: KEDA}}, tls: {type: CertManager, issuerRef: {name: ca, " +
         "kind: ClusterIssuer}}, " + cache_of_others + ", " + database_of_others + "}");
  }
  EXPECT_GT(specs, 300);
  for (const auto* child : controllers::all_children())
    if (controllers::is_optional(child->kind)) {
      EXPECT_TRUE(rendered.contains(std::string{child->id})) << child->id;
    }
}

// Names are unique in an account, whatever namespace and name are like.
TEST_F(ProviderRules, HoldForEveryName) {
  const std::string ack = "{type: ACK, ack: {region: r}, deletionPolicy: Retain}";
  const std::string gcp = "{type: ConfigConnector, configConnector: {region: r, networkRef: {name: n}}}";
  const std::string azure =
      "{type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}}}";
  const std::string shared = "{type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}";
  for (const auto& [ns, name] : std::vector<std::pair<std::string, std::string>>{
           {"shop", "demo"},
           {"promptsales-production", "shop-eu"},
           {"7-eleven", "demo"},
           {"a--b", "c--d"},
           {std::string(63, 'n'), std::string(40, 'x')},
           {std::string(30, 'n') + "-" + std::string(32, 'n'), "x" + std::string(38, '-') + "x"}})
    for (const auto& block : {ack, gcp, azure, shared}) {
      SCOPED_TRACE(ns + "/" + name + " " + block);
      auto app = a_promptsales("{tier: Scale, database: " + block + ", cache: " +
                               (block == shared ? "{type: Secret, secretRef: {name: s}}" : block) + "}");
      app.key = {ns, name};
      auto inputs = inputs_for(app);
      if (inputs.database)
        inputs.database->username =
            controllers::bindings::login_name(inputs, controllers::Component::kDatabase);
      EXPECT_GT(expect_taken(inputs), 0);
    }
}

TEST_F(ProviderRules, HoldForEverySample) {
  int providers = 0;
  for (const auto& file : std::filesystem::directory_iterator{repository_path("manifests/samples")})
    for (const auto& document :
         read_repository_yaml("manifests/samples/" + file.path().filename().string())) {
      if (document.value("kind", "") != "PromptSales") continue;
      SCOPED_TRACE(file.path().filename());
      const auto app = controllers::from_object(document);
      ASSERT_TRUE(app) << app.error().message;
      if (expect_taken(inputs_for(*app)) > 0) ++providers;
    }
  EXPECT_GE(providers, 6);
}

struct Broken {
  const char* what;
  std::string spec;
  const controllers::Child& child;
  const char* merge;  ///< into the object that would be taken
  const char* says;
};

// That a rule is one: objects as they were, or might have been, rendered.
TEST_F(ProviderRules, RefuseWhatTheyAreAbout) {
  const std::string ack = "{type: ACK, ack: {region: r}}";
  const std::string gcp = "{type: ConfigConnector, configConnector: {region: r, networkRef: {name: n}}}";
  const std::string azure =
      "{type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}}}";
  const auto growth = [](const std::string& part, const std::string& block) {
    return "{tier: Growth, " + part + ": " + block + "}";
  };
  const Broken cases[] = {
      {"a field of no definition", growth("database", ack), controllers::children::ack_instance,
       R"({"spec":{"instanceClass":"db.m7g.large"}})", "field not declared in schema"},
      {"two hyphens in a row", growth("cache", ack), controllers::children::ack_cache,
       R"({"spec":{"replicationGroupID":"shop-eu--9e57b1bf"}})", "replicationGroupID"},
      {"a digit first", growth("database", ack), controllers::children::ack_instance,
       R"({"spec":{"dbInstanceIdentifier":"7-eleven"}})", "dbInstanceIdentifier"},
      {"shards without fail-over", growth("cache", ack), controllers::children::ack_cache,
       R"({"spec":{"numNodeGroups":2}})", "cluster mode demands"},
      {"no edition", growth("database", gcp), controllers::children::gcp_instance,
       R"({"spec":{"settings":{"edition":null}}})", "each edition has machines"},
      {"no address", growth("database", gcp), controllers::children::gcp_instance,
       R"({"spec":{"settings":{"ipConfiguration":{"privateNetworkRef":null}}}})", "public or a private"},
      {"an odd number of cores", growth("database", gcp), controllers::children::gcp_instance,
       R"({"spec":{"settings":{"tier":"db-custom-3-8192"}}})", "even number"},
      {"a standby without recovery", growth("database", gcp), controllers::children::gcp_instance,
       R"({"spec":{"settings":{"availabilityType":"REGIONAL"}}})", "point-in-time recovery"},
      {"a disk that Azure does not have", growth("database", azure), controllers::children::azure_server,
       R"({"spec":{"storage":{"storageSizeGB":500}}})", "storageSizeGB"},
      {"the tier of another size", growth("database", azure), controllers::children::azure_server,
       R"({"spec":{"sku":{"tier":"Burstable"}}})", "belongs to one tier"},
      {"a cache of no size", growth("cache", azure), controllers::children::azure_cache,
       R"({"spec":{"sku":{"capacity":7}}})", "P1 to P5 or C0 to C6"},
      {"a role that PostgreSQL keeps",
       growth("database", "{type: CloudNativePG, cloudNativePG: {clusterRef: {name: c}}}"),
       controllers::children::cnpg_role, R"({"spec":{"name":"pg_app"}})", "reserved"},
      {"a number where text is wanted", growth("database", "{type: CloudNativePG}"),
       controllers::children::cnpg_cluster,
       R"({"spec":{"postgresql":{"parameters":{"max_connections":100}}}})", "max_connections"},
  };
  for (const auto& broken : cases) {
    auto object = object_of(broken.child, inputs_of(broken.spec));
    object.merge_patch(Json::parse(broken.merge));
    EXPECT_THAT(refusal(as_defined(broken.child.kind), object), ::testing::HasSubstr(broken.says))
        << broken.what;
  }
}

}  // namespace
}  // namespace promptsales::testing
