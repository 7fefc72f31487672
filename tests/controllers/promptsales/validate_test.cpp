#include "controllers/promptsales/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/tiers.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;

std::vector<std::string> sentences(const std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const auto& error : errors) texts.push_back(error.str());
  return texts;
}

std::vector<std::string> errors_of(const std::string& spec) {
  const auto app = a_promptsales(spec);
  return sentences(validate(app, effective(app, "backend:default")));
}

struct SpecCase {
  std::string name;
  std::string spec;
  std::vector<std::string> says;
};

void PrintTo(const SpecCase& row, std::ostream* out) { *out << row.spec; }

std::string name_of(const ::testing::TestParamInfo<SpecCase>& info) { return info.param.name; }

class SpecTest : public ::testing::TestWithParam<SpecCase> {};

class SpecThatDoesNotFit : public SpecTest {};

TEST_P(SpecThatDoesNotFit, NamesTheFieldAndWhatToDo) {
  EXPECT_EQ(errors_of(GetParam().spec), GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, SpecThatDoesNotFit,
    ::testing::Values(
        SpecCase{"MinAboveTheTiersMax",
                 "{tier: MVP, backend: {autoscaling: {minReplicas: 5}}}",
                 {"spec.backend.autoscaling.minReplicas: 5 is above the maxReplicas 3 of tier MVP: set "
                  "maxReplicas to "
                  "at least 5"}},
        SpecCase{"MaxBelowTheTiersMin",
                 "{tier: Growth, backend: {autoscaling: {maxReplicas: 2}}}",
                 {"spec.backend.autoscaling.maxReplicas: 2 is below the minReplicas 3 of tier Growth: set "
                  "minReplicas "
                  "to at most 2"}},
        SpecCase{"MinAboveMax",
                 "{tier: MVP, backend: {autoscaling: {minReplicas: 5, maxReplicas: 4}}}",
                 {"spec.backend.autoscaling.minReplicas: 5 is above maxReplicas 4: raise maxReplicas"}},
        SpecCase{
            "ACacheOfASizeThatAzureDoesNotHave",
            "{tier: MVP, cache: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
            "resourceGroupRef: {name: g}, sku: C1}}}",
            {"spec.cache.azureServiceOperator.sku: C1 is no size of Azure Cache for Redis: use Basic_C0 to "
             "Basic_C6, Standard_C0 to Standard_C6 or Premium_P1 to Premium_P5"}},
        SpecCase{
            "AStandbyOfABurstableServer",
            "{tier: MVP, database: {type: AzureServiceOperator, highAvailability: Enabled, "
            "azureServiceOperator: {location: l, resourceGroupRef: {name: g}, sku: Standard_B2s}}}",
            {"spec.database.azureServiceOperator.sku: Standard_B2s is Burstable, and Azure makes no standby "
             "of such a server: choose another size, or set spec.database.highAvailability to Disabled"}},
        SpecCase{"ItsOwnBundleAsTheUsers",
                 "{tier: MVP, tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: demo-ca-bundle, "
                 "key: ca.crt}}}",
                 {"spec.tls.caBundleRef.name: demo-ca-bundle is what the operator writes: name a ConfigMap "
                  "of your own"}},
        SpecCase{"LimitBelowTheTiersRequest",
                 "{tier: MVP, backend: {resources: {limits: {memory: 128Mi}}}}",
                 {"spec.backend.resources.limits.memory: 128Mi is below the request 256Mi (set in the spec "
                  "or given by "
                  "tier MVP): raise it, or set spec.backend.resources.requests.memory to at most 128Mi"}},
        SpecCase{"NoAmount",
                 "{tier: MVP, backend: {resources: {requests: {cpu: lots}}}}",
                 {"spec.backend.resources.requests.cpu: \"lots\" is no quantity; write it like 500m, 2, "
                  "256Mi or "
                  "16Gi"}},
        SpecCase{"NegativeAmount",
                 "{tier: MVP, backend: {resources: {requests: {cpu: '-1'}}}}",
                 {"spec.backend.resources.requests.cpu: -1 is negative: an amount is 0 or more"}},
        SpecCase{"NothingToScaleBy",
                 "{tier: MVP, backend: {resources: {requests: {cpu: 0}}}}",
                 {"spec.backend.resources.requests.cpu: 0 leaves the autoscaler nothing to take a percentage "
                  "of: set "
                  "it to at least 1m, or spec.backend.autoscaling.type to None"}},
        SpecCase{"TooLittleMemoryForPostgres",
                 "{tier: MVP, database: {type: Embedded, resources: {requests: {memory: 64Mi}}}}",
                 {"spec.database.resources.requests.memory: 64Mi is too little for PostgreSQL: give it at "
                  "least 256Mi"}},
        SpecCase{"TooLittleMemoryByItsLimit",
                 "{tier: MVP, database: {type: Embedded, resources: {requests: {memory: 64Mi}, limits: "
                 "{memory: 128Mi}}}}",
                 {"spec.database.resources.limits.memory: 128Mi is too little for PostgreSQL: give it at "
                  "least 256Mi"}},
        SpecCase{"AVendorsResourceWithoutItsLimit",
                 "{tier: MVP, backend: {resources: {requests: {nvidia.com/gpu: 1}}}}",
                 {"spec.backend.resources.requests[nvidia.com/gpu]: 1 is not shared between pods: set "
                  "spec.backend.resources.limits[nvidia.com/gpu] to 1 too"}},
        SpecCase{"TooLittleStorage",
                 "{tier: MVP, database: {type: Embedded, storage: 10Mi}}",
                 {"spec.database.storage: 10Mi is too little for PostgreSQL: give it at least 1Gi"}},
        SpecCase{
            "TooLittleCache",
            "{tier: MVP, cache: {type: Embedded, resources: {requests: {memory: 1Mi}}}}",
            {"spec.cache.resources.requests.memory: 1Mi is too little for the cache: give it at least 32Mi"}},
        SpecCase{"ASnapshotOfGoogle",
                 "{tier: MVP, database: {type: ConfigConnector, deletionPolicy: Snapshot, configConnector: "
                 "{region: r}}}",
                 {"spec.database.deletionPolicy: Snapshot is for a database of type ACK only: use Retain or "
                  "Delete"}},
        SpecCase{
            "ASnapshotOfACache",
            "{tier: MVP, cache: {type: ACK, deletionPolicy: Snapshot, ack: {region: r}}}",
            {"spec.cache.deletionPolicy: Snapshot is for a database of type ACK only: use Retain or Delete"}},
        SpecCase{"AStandbyOfAnAzureCache",
                 "{tier: MVP, cache: {type: AzureServiceOperator, highAvailability: Enabled, "
                 "azureServiceOperator: "
                 "{location: l, resourceGroupRef: {name: g}}}}",
                 {"spec.cache.highAvailability: is not acted on by type AzureServiceOperator: remove it; a "
                  "cache of "
                  "size Standard or Premium has a replica, one of size Basic has none "
                  "(azureServiceOperator.sku)"}},
        SpecCase{
            "ScaleWithoutServices",
            "{tier: Scale}",
            {"spec.database.type: tier Scale has no embedded one: set it to the service that you run or buy",
             "spec.cache.type: tier Scale has no embedded one: set it to the service that you run or buy"}}),
    name_of);

class SpecThatFits : public SpecTest {};

TEST_P(SpecThatFits, HasNoErrors) { EXPECT_THAT(errors_of(GetParam().spec), ::testing::IsEmpty()); }

INSTANTIATE_TEST_SUITE_P(
    NearMisses, SpecThatFits,
    ::testing::Values(
        SpecCase{"Mvp", "{tier: MVP}", {}}, SpecCase{"Growth", "{tier: Growth}", {}},
        SpecCase{"TheBundleOfAnother",
                 "{tier: MVP, tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: shop-ca-bundle, "
                 "key: ca.crt}}}",
                 {}},
        SpecCase{"MinEqualsMax", "{tier: MVP, backend: {autoscaling: {minReplicas: 3}}}", {}},
        SpecCase{"LimitEqualsRequest", "{tier: MVP, backend: {resources: {limits: {memory: 0.25Gi}}}}", {}},
        SpecCase{"ASnapshotOfAws",
                 "{tier: MVP, database: {type: ACK, ack: {region: r}, deletionPolicy: Snapshot}}",
                 {}},
        SpecCase{"ABurstableServerThatWasMadeBeforeTierScaleHadStandbys",
                 "{tier: Scale, database: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
                 "resourceGroupRef: {name: g}, sku: Standard_B2s}}, cache: {type: ACK, ack: {region: r}}}",
                 {}},
        SpecCase{"NoCpuWithoutAutoscaler",
                 "{tier: MVP, backend: {autoscaling: {type: None}, resources: {requests: {cpu: 0}}}}",
                 {}},
        SpecCase{"ManyReplicasOnAnotherDatabase",
                 "{tier: MVP, backend: {autoscaling: {maxReplicas: 500}}, database: {type: "
                 "CloudNativePG}}",
                 {}}),
    name_of);

class SpecAheadOfTheOperator : public SpecTest {};

TEST_P(SpecAheadOfTheOperator, IsSaidToBeSo) {
  EXPECT_EQ(sentences(not_implemented(a_promptsales(GetParam().spec))), GetParam().says);
}

const std::string kNotActedOn = " not acted on by this version of the operator; ";

INSTANTIATE_TEST_SUITE_P(
    Fields, SpecAheadOfTheOperator,
    ::testing::Values(
        SpecCase{"Shards",
                 "{tier: MVP, cache: {type: ACK, shards: 2, ack: {region: r}}}",
                 {"spec.cache.shards: more than one is not acted on by this version of the operator, whose "
                  "backend follows no redirections of a cluster; set it to 1"}},
        SpecCase{"Exposure",
                 "{tier: MVP, exposure: {type: Ingress, hostnames: [a.example]}}",
                 {"spec.exposure.type: Ingress is" + kNotActedOn + "use None"}},
        SpecCase{"Oidc",
                 "{tier: MVP, auth: {oidc: {issuerURL: 'https://a.example', audience: a}}}",
                 {"spec.auth.oidc: is" + kNotActedOn + "remove it"}},
        SpecCase{"MaintenanceWindows",
                 "{tier: MVP, maintenanceWindows: [{schedule: '0 3 * * SUN', duration: 2h}]}",
                 {"spec.maintenanceWindows: is" + kNotActedOn + "remove it"}},
        SpecCase{
            "Observability",
            "{tier: MVP, observability: {monitorLabels: {a: b}, slo: {emit: Pyrra, availability: '99.9'}}}",
            {"spec.observability.monitorLabels: is" + kNotActedOn + "remove it",
             "spec.observability.slo.emit: Pyrra is" + kNotActedOn + "use None",
             "spec.observability.slo.availability: is" + kNotActedOn + "remove it"}}),
    name_of);

TEST(SpecOfThisVersion, IsActedOnInFull) {
  const auto app = a_promptsales(R"({tier: MVP, suspend: false, image: mine, networkPolicy: {enabled: false},
      backend: {autoscaling: {type: None, minReplicas: 2}, resources: {limits: {memory: 1Gi}},
                env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]},
      database: {type: Embedded, storage: 50Gi, storageClassName: fast, deletionPolicy: Delete, version: '17', readReplicas: 0,
                 highAvailability: Disabled, resources: {requests: {cpu: 2}}},
      cache: {type: Embedded, resources: {requests: {memory: 1Gi}}},
      messaging: {type: None}, tls: {type: SelfSigned, dnsNames: [a.example]}, exposure: {type: None}})");
  EXPECT_THAT(sentences(not_implemented(app)), ::testing::IsEmpty());
  EXPECT_TRUE(check_spec(app, effective(app, "backend:default")));
}

TEST(CheckSpec, SaysNotImplementedWhenThatIsAll) {
  const auto app = a_promptsales("{tier: MVP, auth: {oidc: {issuerURL: 'https://a.example', audience: a}}}");
  const auto checked = check_spec(app, effective(app, "b"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "NotImplemented");
  EXPECT_EQ(checked.error().remedy, Remedy::kWaitForSpecChange);
}

// An upgrade stops nothing that runs: no certificate is renewed while the spec is refused.
TEST(CheckSpec, TakesOfACacheThatIsThereWhatOlderOperatorsHaveTaken) {
  const std::pair<std::string, std::string> taken[] = {
      {"ACK", "shards: 3, ack: {region: r}"},
      {"AzureServiceOperator",
       "highAvailability: Enabled, azureServiceOperator: {location: l, resourceGroupRef: {name: g}}"}};
  for (const auto& [type, block] : taken) {
    auto app = a_promptsales("{tier: MVP, cache: {type: " + type + ", " + block + "}}");
    const auto is_taken = [&] { return check_spec(app, effective(app, "b")).has_value(); };
    EXPECT_FALSE(is_taken()) << type << " of a new resource";
    app.status = {{"effective", {{"cache", {{"type", "Embedded"}}}}}};
    EXPECT_FALSE(is_taken()) << type << " of one that is to have another cache";
    app.status["effective"]["cache"]["type"] = type;
    EXPECT_TRUE(is_taken()) << type;
  }
}

TEST(CheckSpec, SaysEverythingAtOnce) {
  const auto app = a_promptsales(
      "{tier: MVP, maintenanceWindows: [{schedule: '0 3 * * SUN', duration: 2h}], "
      "backend: {autoscaling: {minReplicas: 9}}}");
  const auto checked = check_spec(app, effective(app, "b"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "InvalidSpec");
  EXPECT_THAT(checked.error().message, ::testing::HasSubstr("minReplicas"));
  EXPECT_THAT(checked.error().message, ::testing::HasSubstr("spec.maintenanceWindows"));
}

}  // namespace
}  // namespace promptsales::controllers
