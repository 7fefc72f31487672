#include "controllers/promptsales/bindings/machines.hpp"

#include <gtest/gtest.h>

#include <map>

#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "tests/support/a_promptsales.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers::bindings {
namespace {

using promptsales::testing::a_promptsales;

struct SizeCase {
  std::int64_t cores;
  std::int64_t mebibytes;
  std::string rds;
  std::string cloud_sql;
  std::string azure;
};

TEST(Machines, AreTheSmallestThatHaveWhatIsAsked) {
  const SizeCase cases[] = {
      {1, 1024, "db.t4g.micro", "db-custom-1-3840", "Standard_B1ms"},
      {1, 1025, "db.t4g.small", "db-custom-1-3840", "Standard_B1ms"},
      {2, 8192, "db.m7g.large", "db-custom-2-8192", "Standard_D2ds_v5"},
      {4, 16384, "db.m7g.xlarge", "db-custom-4-16384", "Standard_D4ds_v5"},
      {3, 8192, "db.m7g.xlarge", "db-custom-4-8192", "Standard_D4ds_v5"},
      {1, 32768, "db.m7g.2xlarge", "db-custom-6-32768", "Standard_D8ds_v5"},
      {8, 32768, "db.m7g.2xlarge", "db-custom-8-32768", "Standard_D8ds_v5"},
      {1000, 1, "db.m7g.8xlarge", "db-custom-1000-922112", "Standard_D32ds_v5"},  // none has it: the largest
  };
  for (const auto& [cores, mebibytes, rds, cloud_sql, azure] : cases) {
    const Size size{.cores = cores, .mebibytes = mebibytes};
    EXPECT_EQ(rds_class(size), rds) << cores << " " << mebibytes;
    EXPECT_EQ(cloud_sql_tier(size), cloud_sql) << cores << " " << mebibytes;
    EXPECT_EQ(azure_postgres_sku(size), azure) << cores << " " << mebibytes;
  }
}

TEST(Machines, OfCachesAreChosenByMemoryAlone) {
  EXPECT_EQ(elasticache_node({.cores = 64, .mebibytes = 8192}), "cache.m7g.xlarge");
  EXPECT_EQ(elasticache_node({.mebibytes = 512}), "cache.t4g.micro");
  EXPECT_EQ(azure_redis_sku({.cores = 64, .mebibytes = 8192}), "Standard_C4");
}

TEST(Sizes, RoundUp) {
  const Size size = size_of({.requests = {{"cpu", "1500m"}, {"memory", "1Gi"}}, .limits = {}}, "20.5Gi");
  EXPECT_EQ(size.cores, 2);
  EXPECT_EQ(size.mebibytes, 1024);
  EXPECT_EQ(size.gibibytes, 21);
}

TEST(Disks, OfAzureComeInSteps) {
  for (const auto& [asked, disk] : std::map<std::int64_t, std::int64_t>{
           {0, 32}, {20, 32}, {32, 32}, {33, 64}, {100, 128}, {500, 512}, {2048, 2048}, {40000, 32767}})
    EXPECT_EQ(azure_disk(asked), disk) << asked;
}

TEST(SizesOfAzure, OfACacheAreThoseOfItsList) {
  for (const char* sku : {"Basic_C0", "Standard_C6", "Premium_P1", "Premium_P5"})
    EXPECT_TRUE(is_azure_redis_sku(sku)) << sku;
  for (const char* sku : {"", "C1", "Standard", "Standard_", "Standard_C7", "Premium_P0", "Premium_P6",
                          "Premium_C1", "Standard_P1", "Standard_C10", "standard_c1", "Balanced_B5"})
    EXPECT_FALSE(is_azure_redis_sku(sku)) << sku;
}

// --- connections

struct MachineCase {
  std::string name;
  std::string database;
  std::string machine;
  std::optional<std::int64_t> connections;
};

void PrintTo(const MachineCase& row, std::ostream* out) { *out << row.database; }

class MachineOf : public ::testing::TestWithParam<MachineCase> {};

TEST_P(MachineOf, AcceptsWhatItsProviderSays) {
  const auto database =
      effective(a_promptsales("{tier: MVP, database: {" + GetParam().database + "}}"), "b").database;
  EXPECT_EQ(machine_of(database), GetParam().machine);
  EXPECT_EQ(connections_by_machine(database), GetParam().connections);
}

std::string rds(const std::string& instance_class) {
  return "type: ACK, ack: {region: r, instanceClass: " + instance_class + "}";
}
std::string cloud_sql(const std::string& tier) {
  return "type: ConfigConnector, configConnector: {region: r, instanceTier: " + tier + "}";
}
std::string azure(const std::string& more) {
  return "type: AzureServiceOperator, azureServiceOperator: {location: l, resourceGroupRef: {name: g}" +
         more + "}";
}

// What was measured on RDS, of the same memory: 181 on a db.t4g.small, 413 on 4 GiB, 856 on 8 GiB.
INSTANTIATE_TEST_SUITE_P(
    Providers, MachineOf,
    ::testing::Values(
        MachineCase{"Embedded", "type: Embedded", "", std::nullopt},
        MachineCase{"CloudNativePg", "type: CloudNativePG", "", std::nullopt},
        MachineCase{"RdsOfTheTier", "type: ACK, ack: {region: r}", "db.t4g.micro", 70},
        MachineCase{"RdsSmall", rds("db.t4g.small"), "db.t4g.small", 168},
        MachineCase{"RdsMedium", rds("db.t4g.medium"), "db.t4g.medium", 366},
        MachineCase{"RdsLarge", rds("db.m7g.large"), "db.m7g.large", 760},
        MachineCase{"RdsLargest", rds("db.m7g.8xlarge"), "db.m7g.8xlarge", 5000},
        MachineCase{"RdsOfNoList", rds("db.x9.huge"), "db.x9.huge", std::nullopt},
        MachineCase{"CloudSqlOfTheTier", "type: ConfigConnector, configConnector: {region: r}",
                    "db-custom-1-3840", 100},
        MachineCase{"CloudSqlShared", cloud_sql("db-f1-micro"), "db-f1-micro", 25},
        MachineCase{"CloudSqlAtAStep", cloud_sql("db-custom-8-30720"), "db-custom-8-30720", 500},
        MachineCase{"CloudSqlAboveIt", cloud_sql("db-custom-8-30976"), "db-custom-8-30976", 600},
        MachineCase{"CloudSqlLargest", cloud_sql("db-custom-64-262144"), "db-custom-64-262144", 1000},
        MachineCase{"CloudSqlPlus", cloud_sql("db-perf-optimized-N-4"), "db-perf-optimized-N-4", 600},
        MachineCase{"CloudSqlOfNoList", cloud_sql("db-custom-x-y"), "db-custom-x-y", std::nullopt},
        MachineCase{"CloudSqlOfNoNumber", cloud_sql("db-custom-2-8192x"), "db-custom-2-8192x", std::nullopt},
        MachineCase{"AzureOfTheTier", azure(""), "Standard_B1ms", 35},
        MachineCase{"AzureBurstable", azure(", sku: Standard_B2s"), "Standard_B2s", 414},
        MachineCase{"AzureLarge", azure(", sku: Standard_D2ds_v5"), "Standard_D2ds_v5", 844},
        MachineCase{"AzureXLarge", azure(", sku: Standard_D8ds_v5"), "Standard_D8ds_v5", 3422},
        MachineCase{"AzureLargest", azure(", sku: Standard_D32ds_v5"), "Standard_D32ds_v5", 4985},
        MachineCase{"AzureOfNoList", azure(", sku: Standard_E2ds_v5"), "Standard_E2ds_v5", std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(TheNodesOfACache, AreThoseThatTheSpecNames) {
  const auto inputs = promptsales::testing::inputs_of(
      "{tier: Growth, cache: {type: ACK, ack: {region: r, nodeType: cache.r7g.large}}}");
  const auto group = promptsales::testing::object_of(children::ack_cache, inputs);
  EXPECT_EQ(group.at("spec").at("cacheNodeType"), "cache.r7g.large");
}

}  // namespace
}  // namespace promptsales::controllers::bindings
