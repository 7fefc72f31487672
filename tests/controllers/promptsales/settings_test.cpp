#include "controllers/promptsales/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/settings_in_force.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::a_promptsales;
using promptsales::testing::read_repository_yaml;
using ::testing::HasSubstr;

Settings good(const std::string& text) {
  auto settings = read_settings(text, "config.yaml");
  EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
  return settings.value_or(Settings{});
}

std::string mistakes(const std::string& text) {
  const auto settings = read_settings(text, "config.yaml");
  return settings ? "none" : settings.error().message;
}

Effective effective_of(const std::string& spec, const Settings& settings) {
  return effective(a_promptsales(spec), "backend:default", settings.tiers);
}

TEST(Settings, OfAnEmptyFileAreTheBuiltInOnes) {
  for (const char* empty : {"", "# nothing\n", "{}", "tiers:", "tiers: {MVP: }", "---\n"}) {
    const Settings settings = good(empty);
    EXPECT_EQ(profile_of(Tier::kMvp, settings.tiers).max_replicas, 3) << empty;
    EXPECT_FALSE(settings.prices) << empty;
  }
}

TEST(Settings, ReplaceOneFieldOfATierAndLeaveTheOthers) {
  const Settings settings = good("tiers: {MVP: {backend: {autoscaling: {maxReplicas: 5}}}}");
  const auto app = effective_of("tier: MVP", settings);
  EXPECT_EQ(app.backend.min_replicas, 2);
  EXPECT_EQ(app.backend.max_replicas, 5);
  EXPECT_EQ(app.backend.resources.requests.at("cpu"), "250m");
  EXPECT_EQ(effective_of("tier: Growth", settings).backend.max_replicas, 4);
}

TEST(Settings, CanSayEveryValueOfATier) {
  const Settings settings = good(R"(
tiers:
  Growth:
    backend:
      autoscaling: {minReplicas: 4, maxReplicas: 9, targetCPUUtilization: 50, scaleDownWindowSeconds: 60}
      resources: {requests: {cpu: 700m, memory: 700Mi}}
    database: {resources: {requests: {cpu: "3", memory: 12Gi}}, storage: 100Gi}
    cache: {resources: {requests: {cpu: "1", memory: 4Gi}}}
    spread: {topologyKey: example.com/rack, whenUnsatisfiable: DoNotSchedule}
    disruptionBudget: {maxUnavailable: 10%}
    availabilityObjective: "99.95"
    machines: {cpu: "16", memory: 64Gi, storage: 1Ti}
)");
  const auto app = effective_of("tier: Growth", settings);
  EXPECT_EQ(app.backend.min_replicas, 4);
  EXPECT_EQ(app.backend.max_replicas, 9);
  EXPECT_EQ(app.backend.target_cpu_utilization, 50);
  EXPECT_EQ(app.backend.scale_down_window_seconds, 60);
  EXPECT_EQ(app.backend.resources.requests.at("cpu"), "700m");
  EXPECT_EQ(app.backend.resources.limits.at("memory"), "700Mi");
  EXPECT_EQ(app.database.resources.requests.at("memory"), "12Gi");
  EXPECT_EQ(app.database.storage, "100Gi");
  EXPECT_EQ(app.cache.resources.requests.at("cpu"), "1");
  EXPECT_EQ(app.cache.resources.limits.at("memory"), "4Gi");
  EXPECT_EQ(app.spread.topology_key, "example.com/rack");
  EXPECT_EQ(app.spread.when_unsatisfiable, "DoNotSchedule");
  EXPECT_EQ(app.max_unavailable, "10%");
  EXPECT_EQ(app.availability_objective, "99.95");
  ASSERT_TRUE(app.machines);
  EXPECT_EQ(app.machines->storage, "1Ti");
}

TEST(Settings, GiveWayToTheSpec) {
  const Settings settings = good("tiers: {MVP: {backend: {autoscaling: {maxReplicas: 5}}}}");
  EXPECT_EQ(
      effective_of("{tier: MVP, backend: {autoscaling: {maxReplicas: 4}}}", settings).backend.max_replicas,
      4);
}

TEST(Settings, HoldPricesAsTheyAreWritten) {
  const Settings settings =
      good("prices: {currency: EUR, cpuHour: 0.0316, memoryGiBHour: '0.0042', storageGiBMonth: 0.1}");
  ASSERT_TRUE(settings.prices);
  EXPECT_EQ(*settings.prices, (PriceSheet{"EUR", {31'600'000}, {4'200'000}, {100'000'000}, {0}}));
}

TEST(Settings, SayWhereRequestsAreCounted) {
  const auto settings =
      good("keda: {prometheus: 'http://prometheus.monitoring:9090', requestsPerSecond: 40}");
  ASSERT_TRUE(settings.request_metrics);
  EXPECT_EQ(settings.request_metrics->prometheus, "http://prometheus.monitoring:9090");
  EXPECT_EQ(settings.request_metrics->requests_per_second, 40);
  EXPECT_EQ(good("keda: {prometheus: 'https://p'}").request_metrics->requests_per_second, 100);
}

TEST(Settings, HoldAnImageForEachVersionOfPostgres) {
  const Settings settings =
      good("images: {postgres: {'16': 'registry.example/postgres:16.4', 17: a/b@sha256:c}}");
  EXPECT_EQ(settings.postgres_images, (std::map<std::string, std::string>{
                                          {"16", "registry.example/postgres:16.4"}, {"17", "a/b@sha256:c"}}));
}

struct MistakeCase {
  std::string name;
  std::string text;
  std::string says;
};

void PrintTo(const MistakeCase& row, std::ostream* out) { *out << row.text; }

class Mistake : public ::testing::TestWithParam<MistakeCase> {};

TEST_P(Mistake, IsNamedWithLineAndPath) { EXPECT_EQ(mistakes(GetParam().text), GetParam().says); }

INSTANTIATE_TEST_SUITE_P(
    Of, Mistake,
    ::testing::Values(
        MistakeCase{"TheTop", "tires: {}",
                    "config.yaml:1: tires is no setting; here may be tiers, prices, keda, images"},
        MistakeCase{"ATier", "tiers:\n  Huge: {}",
                    "config.yaml:2: tiers.Huge is no setting; here may be MVP, Growth, Scale"},
        MistakeCase{"AFieldOfATier", "tiers:\n  MVP:\n    backend: {replicas: 3}",
                    "config.yaml:3: tiers.MVP.backend.replicas is no setting; here may be autoscaling, "
                    "resources"},
        MistakeCase{"WhatScaleDoesNotHave", "tiers: {Scale: {database: {storage: 1Ti}}}",
                    "config.yaml:1: tiers.Scale.database is no setting; here may be backend, spread, "
                    "disruptionBudget, availabilityObjective"},
        MistakeCase{"AKeyThatIsThereTwice", "prices:\n  cpuHour: 1\n  cpuHour: 2",
                    "config.yaml:3: prices.cpuHour is there twice; remove one"},
        MistakeCase{"ANumber", "tiers: {MVP: {backend: {autoscaling: {minReplicas: two}}}}",
                    "config.yaml:1: tiers.MVP.backend.autoscaling.minReplicas must be a whole number from 1 "
                    "to 1000"},
        MistakeCase{
            "ANumberOutOfRange", "tiers: {MVP: {backend: {autoscaling: {targetCPUUtilization: 101}}}}",
            "config.yaml:1: tiers.MVP.backend.autoscaling.targetCPUUtilization must be a whole number "
            "from 1 to 100"},
        MistakeCase{"AnAmount", "tiers: {MVP: {backend: {resources: {requests: {cpu: lots}}}}}",
                    "config.yaml:1: tiers.MVP.backend.resources.requests.cpu must be an amount of 0 or more, "
                    "such as 250m, 2 or 16Gi"},
        MistakeCase{"AMapWhereAValueBelongs", "tiers: {MVP: {database: {storage: {size: 1Gi}}}}",
                    "config.yaml:1: tiers.MVP.database.storage must be an amount of 0 or more, such as 250m, "
                    "2 or 16Gi"},
        MistakeCase{"AValueWhereAMapBelongs", "tiers: {MVP: small}",
                    "config.yaml:1: tiers.MVP must be a map of backend, database, cache, spread, "
                    "disruptionBudget, availabilityObjective, machines"},
        MistakeCase{"AWord", "tiers: {MVP: {spread: {whenUnsatisfiable: Never}}}",
                    "config.yaml:1: tiers.MVP.spread.whenUnsatisfiable must be ScheduleAnyway or "
                    "DoNotSchedule"},
        MistakeCase{"ABudgetThatBlocksEveryDrain", "tiers: {MVP: {disruptionBudget: {maxUnavailable: 0}}}",
                    "config.yaml:1: tiers.MVP.disruptionBudget.maxUnavailable must be a number from 1 or a "
                    "percentage from 1% to 99%"},
        MistakeCase{"APrice", "prices: {cpuHour: free}",
                    "config.yaml:1: prices.cpuHour must be a price such as 0.0316, with at most nine digits "
                    "after the point"},
        MistakeCase{"APrometheusWithALogin", "keda: {prometheus: 'http://u:p@h:9090'}",
                    "config.yaml:1: keda.prometheus must be the URL of a Prometheus, such as "
                    "http://prometheus.monitoring:9090"},
        MistakeCase{"KedaWithoutPrometheus", "keda: {requestsPerSecond: 5}",
                    "config.yaml:1: keda does nothing without prometheus: name one, or take keda out"},
        MistakeCase{"ACurrency", "prices: {currency: dollars}",
                    "config.yaml:1: prices.currency must be an ISO 4217 code such as USD"},
        MistakeCase{
            "SeveralAtOnce", "prices:\n  currency: x\n  cpuHour: -1",
            "config.yaml:2: prices.currency must be an ISO 4217 code such as USD; config.yaml:3: "
            "prices.cpuHour must be a price such as 0.0316, with at most nine digits after the point"},
        MistakeCase{
            "WhatDoesNotFitTogether",
            "tiers:\n  MVP:\n    backend:\n      autoscaling:\n        minReplicas: 4",
            "config.yaml:5: tiers.MVP.backend.autoscaling.minReplicas 4 is above maxReplicas 3: raise "
            "maxReplicas"},
        MistakeCase{"WhatTheServerNeeds",
                    "tiers:\n  MVP:\n    database:\n      resources: {requests: {memory: 64Mi}}",
                    "config.yaml:4: tiers.MVP.database.resources.limits.memory 64Mi is too little for "
                    "PostgreSQL: give it at least 256Mi"},
        MistakeCase{"TheDocument", "- a\n- b",
                    "config.yaml:1: the document must be a map of tiers, prices, keda, images"},
        MistakeCase{"SeveralDocuments", "{}\n---\n{}",
                    "config.yaml: there are 2 YAML documents; write one, without ---"}),
    [](const auto& info) { return info.param.name; });

TEST(SettingsThatAreNoYaml, AreRefusedWithTheLine) {
  EXPECT_THAT(mistakes("tiers: {\n  MVP: ]"), HasSubstr("config.yaml:2: this is no YAML: "));
}

TEST(TheSampleOfTheConfiguration, IsGood) {
  const auto map = read_repository_yaml("manifests/configuration/operator-configuration.yaml").at(0);
  const Settings settings = good(map.at("data").at("config.yaml").get<std::string>());
  EXPECT_EQ(profile_of(Tier::kGrowth, settings.tiers).database->storage, "200Gi");
  EXPECT_TRUE(settings.prices);
}

TEST(SettingsInForce, AreTheFormerOnesWhileTheNewOnesAreBad) {
  SettingsInForce settings;
  ASSERT_TRUE(settings.start_with("config.yaml", "prices: {currency: EUR}"));
  EXPECT_EQ(settings.report(), "configuration: in force\n");
  const auto before = settings.now();

  EXPECT_FALSE(settings.take("prices: {currency: euros}"));
  EXPECT_FALSE(settings.good());
  EXPECT_EQ(settings.now(), before);
  EXPECT_THAT(settings.report(), HasSubstr("config.yaml:1: prices.currency must be"));
  EXPECT_FALSE(settings.take(std::nullopt));
  EXPECT_THAT(settings.report(), HasSubstr("config.yaml cannot be read"));

  EXPECT_TRUE(settings.take("prices: {currency: USD}"));
  EXPECT_TRUE(settings.good());
  EXPECT_EQ(settings.now()->prices->currency, "USD");
  EXPECT_EQ(before->prices->currency, "EUR") << "a pass keeps what it began with";
}

TEST(SettingsInForce, CannotBeginWithABadFile) {
  SettingsInForce settings;
  EXPECT_FALSE(settings.start_with("config.yaml", "tiers: 1"));
  EXPECT_FALSE(settings.start_with("config.yaml", std::nullopt));
}

TEST(SettingsInForce, SayNothingWithoutAFile) { EXPECT_EQ(SettingsInForce{}.report(), ""); }

}  // namespace
}  // namespace promptsales::controllers
