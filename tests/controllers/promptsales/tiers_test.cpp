#include "controllers/promptsales/tiers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/footprint.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using ::testing::HasSubstr;
using Amount = std::map<std::string, std::string>;

Effective effective_of(const std::string& spec) { return effective(a_promptsales(spec), "backend:default"); }

TEST(Tiers, MvpIsTwoSmallPodsWithEmbeddedServices) {
  const auto app = effective_of("tier: MVP");
  EXPECT_EQ(app.backend.image, "backend:default");
  EXPECT_EQ(app.backend.autoscaling, AutoscalingType::kHpa);
  EXPECT_EQ(app.backend.min_replicas, 2);
  EXPECT_EQ(app.backend.max_replicas, 3);
  EXPECT_EQ(app.backend.target_cpu_utilization, 60);
  EXPECT_EQ(app.backend.scale_down_window_seconds, 300);
  EXPECT_EQ(app.backend.resources.requests, (Amount{{"cpu", "250m"}, {"memory", "256Mi"}}));
  EXPECT_EQ(app.backend.resources.limits, (Amount{{"memory", "256Mi"}}));
  EXPECT_EQ(app.database.type, DatabaseType::kEmbedded);
  EXPECT_EQ(app.database.resources.requests, (Amount{{"cpu", "1"}, {"memory", "1Gi"}}));
  EXPECT_EQ(app.database.storage, "20Gi");
  EXPECT_EQ(app.cache.type, CacheType::kEmbedded);
  EXPECT_EQ(app.cache.resources.requests.at("memory"), "256Mi");
  EXPECT_EQ(app.cache.maxmemory_bytes, 192 * 1024 * 1024);
  EXPECT_EQ(app.spread.topology_key, "kubernetes.io/hostname");
  EXPECT_EQ(app.spread.when_unsatisfiable, "ScheduleAnyway");
  EXPECT_EQ(app.max_unavailable, "1");
  EXPECT_EQ(app.availability_objective, "99.5");
  EXPECT_TRUE(app.network_policy);
  EXPECT_FALSE(app.suspend);
}

TEST(Tiers, GrowthHasDedicatedServices) {
  const auto app = effective_of("tier: Growth");
  EXPECT_EQ(app.backend.min_replicas, 3);
  EXPECT_EQ(app.backend.max_replicas, 4);
  EXPECT_EQ(app.backend.resources.requests, (Amount{{"cpu", "500m"}, {"memory", "512Mi"}}));
  EXPECT_EQ(app.database.resources.requests, (Amount{{"cpu", "4"}, {"memory", "16Gi"}}));
  EXPECT_EQ(app.database.storage, "500Gi");
  EXPECT_EQ(app.cache.resources.requests, (Amount{{"cpu", "2"}, {"memory", "8Gi"}}));
  EXPECT_EQ(app.spread.topology_key, "topology.kubernetes.io/zone");
  EXPECT_EQ(app.spread.when_unsatisfiable, "ScheduleAnyway");
  EXPECT_EQ(app.max_unavailable, "1");
  EXPECT_EQ(app.availability_objective, "99.9");
}

TEST(Tiers, ScaleIsHighlyAvailableAndNamesItsServices) {
  const auto app = effective_of("{tier: Scale, database: {type: CloudNativePG}}");
  EXPECT_EQ(app.backend.min_replicas, 6);
  EXPECT_EQ(app.backend.max_replicas, 24);
  EXPECT_EQ(app.backend.resources.requests, (Amount{{"cpu", "1"}, {"memory", "1Gi"}}));
  EXPECT_EQ(app.database.type, DatabaseType::kCloudNativePg);
  EXPECT_EQ(app.database.storage, "2Ti");
  EXPECT_EQ(app.database.pooler_instances, 2);
  EXPECT_EQ(app.database.read_replicas, 1);
  for (const std::string& block : {std::string{"{type: ACK, ack: {region: r}}"},
                                   std::string{"{type: ConfigConnector, configConnector: {region: r}}"}}) {
    const auto managed = effective_of("{tier: Scale, database: " + block + ", cache: " + block + "}");
    EXPECT_TRUE(managed.database.high_availability) << block;
    EXPECT_TRUE(managed.cache.high_availability) << block;
    const auto small = effective_of("{tier: MVP, database: " + block + ", cache: " + block + "}");
    EXPECT_FALSE(small.database.high_availability || small.cache.high_availability) << block;
  }
  EXPECT_EQ(effective_of("{tier: Scale, cache: {type: ACK, replicasPerShard: 0, ack: {region: r}}}")
                .cache.high_availability,
            false);
  EXPECT_FALSE(app.cache.type) << "nothing is embedded behind a person's back";
  EXPECT_EQ(app.spread.when_unsatisfiable, "DoNotSchedule");
  EXPECT_EQ(app.max_unavailable, "25%");
  EXPECT_EQ(app.availability_objective, "99.99");
}

TEST(Overrides, ReplaceOneFieldAndLeaveTheOthers) {
  const auto app = effective_of(R"({tier: MVP, image: mine, suspend: true, networkPolicy: {enabled: false},
      backend: {autoscaling: {maxReplicas: 8}, resources: {requests: {cpu: 2}}},
      database: {type: Embedded, storage: 50Gi, storageClassName: fast}})");
  EXPECT_EQ(app.backend.image, "mine");
  EXPECT_TRUE(app.suspend);
  EXPECT_FALSE(app.network_policy);
  EXPECT_EQ(app.backend.min_replicas, 2);
  EXPECT_EQ(app.backend.max_replicas, 8);
  EXPECT_EQ(app.backend.resources.requests, (Amount{{"cpu", "2"}, {"memory", "256Mi"}}));
  EXPECT_EQ(app.database.storage, "50Gi");
  EXPECT_EQ(app.database.storage_class_name, "fast");
  EXPECT_EQ(app.database.resources.requests.at("memory"), "1Gi");
}

TEST(Overrides, OfTheMemoryRequestMoveTheLimitAlong) {
  const auto app = effective_of("{tier: MVP, backend: {resources: {requests: {memory: 1Gi}}}}");
  EXPECT_EQ(app.backend.resources.limits, (Amount{{"memory", "1Gi"}}));
}

TEST(Overrides, OfTheMemoryLimitLeaveTheRequest) {
  const auto app = effective_of("{tier: MVP, cache: {type: Embedded, resources: {limits: {memory: 1Gi}}}}");
  EXPECT_EQ(app.cache.resources.requests.at("memory"), "256Mi");
  EXPECT_EQ(app.cache.maxmemory_bytes, 768 * 1024 * 1024);
}

TEST(Overrides, WithoutAnAutoscalerKeepExactlyTheLeastNumberOfPods) {
  const auto app = effective_of("{tier: Growth, backend: {autoscaling: {type: None, minReplicas: 5}}}");
  EXPECT_EQ(app.backend.min_replicas, 5);
  EXPECT_EQ(app.backend.max_replicas, 5);
}

TEST(Overrides, WithoutANumberKeepThePodsThatThereAre) {
  const auto spec = a_promptsales("{tier: Growth, backend: {autoscaling: {type: None}}}").spec;
  const auto fresh = effective(spec, "b");
  EXPECT_TRUE(fresh.backend.keeps_replicas);
  EXPECT_EQ(fresh.backend.min_replicas, 3) << "what a new one begins with";
  EXPECT_EQ(effective(spec, "b", built_in_tiers(), {.replicas = 7}).backend.min_replicas, 7);
  const auto named =
      a_promptsales("{tier: Growth, backend: {autoscaling: {type: None, minReplicas: 5}}}").spec;
  EXPECT_EQ(effective(named, "b", built_in_tiers(), {.replicas = 7}).backend.min_replicas, 5);
  EXPECT_FALSE(effective(named, "b").backend.keeps_replicas);
}

TEST(Overrides, OfTheConnectionsAreWhatTheServerIsStartedWith) {
  EXPECT_EQ(effective_of("tier: MVP").database.max_connections, 100);
  const auto app = effective_of("{tier: MVP, database: {type: Embedded, maxConnections: 40}}");
  EXPECT_EQ(app.database.max_connections, 40);
  EXPECT_EQ(app.database.pool_size, 7);  // (40 - 10 - 1) / 4
  EXPECT_EQ(
      effective_of("{tier: MVP, database: {type: Secret, secretRef: {name: db}}}").database.max_connections,
      0);
}

// Of tier Scale, whose services others run.
TEST(Overrides, OfAManagedServiceAreEffectiveWhereTheyAreNamed) {
  const auto shown = [](const std::string& database, const std::string& cache) {
    return to_status(effective_of("{tier: Scale, database: {type: ACK, ack: {region: r}" + database +
                                  "}, cache: {type: ACK, ack: {region: r}" + cache + "}}"));
  };
  const auto tier = shown("", "");
  EXPECT_EQ(tier.at("database").at("highAvailability"), "Enabled");
  EXPECT_EQ(tier.at("database").at("readReplicas"), 1);
  EXPECT_EQ(tier.at("cache").at("highAvailability"), "Enabled");
  const auto named = shown(", highAvailability: Disabled, readReplicas: 0", ", highAvailability: Disabled");
  EXPECT_EQ(named.at("database").at("highAvailability"), "Disabled");
  EXPECT_EQ(named.at("database").at("readReplicas"), 0);
  EXPECT_EQ(named.at("cache").at("highAvailability"), "Disabled");
}

struct FieldCase {
  std::string name;
  std::string spec;  ///< tier Growth with one override
  std::string path;  ///< JSON pointer into status.effective
  std::string shows;
};

void PrintTo(const FieldCase& row, std::ostream* out) { *out << row.spec; }

class EveryOverride : public ::testing::TestWithParam<FieldCase> {};

// One field of the spec changes what is effective there, and nothing else that does not follow from it.
TEST_P(EveryOverride, IsEffectiveWhereItIsNamed) {
  const auto now = to_status(effective_of(GetParam().spec));
  const k8s::Json::json_pointer at{GetParam().path};
  EXPECT_EQ(now.at(at), k8s::Json::parse(GetParam().shows));
  auto rest = now;
  auto tier = to_status(effective_of("tier: Growth"));
  rest[at] = tier[at] = nullptr;
  for (const char* follows : {"/backend/resources/limits", "/database/resources/limits",
                              "/cache/resources/limits", "/database/poolSize"})
    rest[k8s::Json::json_pointer{follows}] = tier[k8s::Json::json_pointer{follows}] = nullptr;
  EXPECT_EQ(rest, tier);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, EveryOverride,
    ::testing::Values(
        FieldCase{"MinReplicas", "{tier: Growth, backend: {autoscaling: {minReplicas: 4}}}",
                  "/backend/autoscaling/minReplicas", "4"},
        FieldCase{"MaxReplicas", "{tier: Growth, backend: {autoscaling: {maxReplicas: 9}}}",
                  "/backend/autoscaling/maxReplicas", "9"},
        FieldCase{"Target", "{tier: Growth, backend: {autoscaling: {targetCPUUtilization: 45}}}",
                  "/backend/autoscaling/targetCPUUtilization", "45"},
        FieldCase{"BackendCpu", "{tier: Growth, backend: {resources: {requests: {cpu: 2}}}}",
                  "/backend/resources/requests/cpu", "\"2\""},
        FieldCase{"BackendMemory", "{tier: Growth, backend: {resources: {requests: {memory: 2Gi}}}}",
                  "/backend/resources/requests/memory", "\"2Gi\""},
        FieldCase{
            "BackendVendorResource", "{tier: Growth, backend: {resources: {requests: {a.example/gpu: 1}}}}",
            "/backend/resources/requests", R"({"a.example/gpu": "1", "cpu": "500m", "memory": "512Mi"})"},
        FieldCase{"BackendLimit", "{tier: Growth, backend: {resources: {limits: {cpu: 3}}}}",
                  "/backend/resources/limits", R"({"cpu": "3", "memory": "512Mi"})"},
        FieldCase{"DatabaseCpu",
                  "{tier: Growth, database: {type: Embedded, resources: {requests: {cpu: 1}}}}",
                  "/database/resources/requests/cpu", "\"1\""},
        FieldCase{"DatabaseMemory",
                  "{tier: Growth, database: {type: Embedded, resources: {requests: {memory: 9Gi}}}}",
                  "/database/resources/requests/memory", "\"9Gi\""},
        FieldCase{"DatabaseLimit",
                  "{tier: Growth, database: {type: Embedded, resources: {limits: {memory: 20Gi}}}}",
                  "/database/resources/limits", R"({"memory": "20Gi"})"},
        FieldCase{"Storage", "{tier: Growth, database: {type: Embedded, storage: 7Gi}}", "/database/storage",
                  "\"7Gi\""},
        FieldCase{"Connections", "{tier: Growth, database: {type: Embedded, maxConnections: 30}}",
                  "/database/maxConnections", "30"},
        FieldCase{"CacheCpu", "{tier: Growth, cache: {type: Embedded, resources: {requests: {cpu: 1}}}}",
                  "/cache/resources/requests/cpu", "\"1\""},
        FieldCase{"CacheMemory",
                  "{tier: Growth, cache: {type: Embedded, resources: {requests: {memory: 1Gi}}}}",
                  "/cache/resources/requests/memory", "\"1Gi\""},
        FieldCase{"CacheLimit", "{tier: Growth, cache: {type: Embedded, resources: {limits: {memory: 9Gi}}}}",
                  "/cache/resources/limits", R"({"memory": "9Gi"})"},
        FieldCase{"NetworkPolicy", "{tier: Growth, networkPolicy: {enabled: false}}",
                  "/networkPolicy/enabled", "false"},
        FieldCase{"Tls", "{tier: Growth, tls: {type: Disabled}}", "/tls/type", "\"Disabled\""},
        FieldCase{"Availability", "{tier: Growth, observability: {slo: {availability: '99'}}}",
                  "/availabilityObjective", "\"99\""}),
    [](const auto& info) { return info.param.name; });

TEST(Tls, IsThereUnlessItIsDisabled) {
  EXPECT_EQ(effective_of("tier: MVP").tls, TlsType::kSelfSigned);
  EXPECT_EQ(effective_of("{tier: MVP, tls: {type: Disabled}}").tls, TlsType::kDisabled);
}

struct PoolCase {
  std::string name;
  int max_replicas;
  int surge;
  int pool;
};

void PrintTo(const PoolCase& row, std::ostream* out) { *out << row.max_replicas << " replicas"; }

class ConnectionPool : public ::testing::TestWithParam<PoolCase> {};

TEST_P(ConnectionPool, LeavesTheServerConnectionsForARollOut) {
  const auto max = std::to_string(GetParam().max_replicas);
  const auto app = effective_of("{tier: MVP, backend: {autoscaling: {maxReplicas: " + max + "}}}");
  EXPECT_EQ(app.backend.max_surge, GetParam().surge);
  EXPECT_EQ(app.database.pool_size, GetParam().pool);
}

INSTANTIATE_TEST_SUITE_P(MaxReplicas, ConnectionPool,
                         ::testing::Values(PoolCase{"Three", 3, 1, 10}, PoolCase{"Seven", 7, 2, 9},
                                           PoolCase{"Twenty", 20, 5, 3}, PoolCase{"FarTooMany", 500, 125, 1}),
                         [](const auto& info) { return info.param.name; });

TEST(Footprint, OfEveryTierFitsItsMachines) {
  EXPECT_EQ(over_budget(effective_of("tier: MVP")), std::nullopt);
  EXPECT_EQ(over_budget(effective_of("tier: Growth")), std::nullopt);
  EXPECT_EQ(over_budget(effective_of("{tier: Scale, database: {type: ACK, ack: {region: r}}}")),
            std::nullopt);
}

TEST(Footprint, SaysWhatIsTooMuchAndWhatToDo) {
  const auto warning = over_budget(effective_of("{tier: MVP, backend: {autoscaling: {maxReplicas: 6}}}"));
  ASSERT_TRUE(warning);
  EXPECT_EQ(
      *warning,
      "The requests at 6 backend replicas exceed what tier MVP stands for (cpu 2600m of 2): choose the next "
      "tier, or lower them");
}

TEST(Footprint, CountsTheVolume) {
  const auto warning = over_budget(effective_of("{tier: MVP, database: {type: Embedded, storage: 60Gi}}"));
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, HasSubstr("storage"));
}

}  // namespace
}  // namespace promptsales::controllers
