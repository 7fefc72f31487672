#include "controllers/promptsales/volume.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using ::testing::HasSubstr;

/// A claim as the caches hold it.
Object a_claim(const std::string& asks, const std::string& status) {
  return {{"kind", "PersistentVolumeClaim"},
          {"spec", {{"storageClassName", "fast"}, {"resources", {{"requests", {{"storage", asks}}}}}}},
          {"status", from_yaml(status)}};
}

Observed with_claim(const Object& claim) {
  Observed observed;
  observed.children[{k8s::kinds::kPersistentVolumeClaim.kind, "data-demo-database-0"}] = claim;
  return observed;
}

const std::string kMvp = "tier: MVP";
const std::string kNamed = "{tier: MVP, database: {type: Embedded, storage: 30Gi}}";

struct VolumeCase {
  std::string name;
  std::string spec;
  std::string asks;
  std::string status;
  std::string reason;  ///< empty: as large as it is to be
};

void PrintTo(const VolumeCase& row, std::ostream* out) { *out << row.spec << " with " << row.status; }

class Volume : public ::testing::TestWithParam<VolumeCase> {};

TEST_P(Volume, IsAsLargeAsItIsToBe) {
  const auto& row = GetParam();
  EXPECT_EQ(
      volume_readiness(inputs_of(row.spec), with_claim(a_claim(row.asks, row.status)), Component::kDatabase)
          .reason,
      row.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Volume,
    ::testing::Values(VolumeCase{"OfTheTier", kMvp, "20Gi", "{phase: Bound, capacity: {storage: 20Gi}}", ""},
                      VolumeCase{"InAnotherUnit", "{tier: MVP, database: {type: Embedded, storage: 20480Mi}}",
                                 "20Gi", "{phase: Bound, capacity: {storage: 20Gi}}", ""},
                      VolumeCase{"LargerAsProvidersRoundUp", kNamed, "30Gi",
                                 "{phase: Bound, capacity: {storage: 32Gi}}", ""},
                      VolumeCase{"NotProvidedYet", kMvp, "20Gi", "{phase: Pending}", ""},
                      VolumeCase{"LargerThanTheTiers", kMvp, "500Gi",
                                 "{phase: Bound, capacity: {storage: 500Gi}}", ""},
                      VolumeCase{"AskedToGrow", kNamed, "30Gi", "{phase: Bound, capacity: {storage: 20Gi}}",
                                 "VolumeGrowing"},
                      VolumeCase{"NotAskedYet", "tier: Growth", "20Gi",
                                 "{phase: Bound, capacity: {storage: 20Gi}}", "VolumeGrowing"},
                      VolumeCase{"LargerThanNamed", kNamed, "50Gi",
                                 "{phase: Bound, capacity: {storage: 50Gi}}", "VolumeCannotShrink"}),
    [](const auto& info) { return info.param.name; });

struct GrowthCase {
  std::string name;
  std::string asks;
  std::string status;
  std::string wanted;
  std::optional<std::string> size;
};

void PrintTo(const GrowthCase& row, std::ostream* out) { *out << row.asks << " to " << row.wanted; }

class Growth : public ::testing::TestWithParam<GrowthCase> {};

TEST_P(Growth, IsAskedForOnlyUpwardsAndOnceThereIsAVolume) {
  const auto& row = GetParam();
  EXPECT_EQ(growth_of(a_claim(row.asks, row.status), row.wanted), row.size);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Growth,
    ::testing::Values(GrowthCase{"Larger", "20Gi", "{phase: Bound}", "500Gi", "500Gi"},
                      GrowthCase{"InTheServersSpelling", "20Gi", "{phase: Bound}", "0.5Ti", "512Gi"},
                      GrowthCase{"TheSame", "20Gi", "{phase: Bound}", "20480Mi", std::nullopt},
                      GrowthCase{"Smaller", "500Gi", "{phase: Bound}", "20Gi", std::nullopt},
                      GrowthCase{"NotBound", "20Gi", "{phase: Pending}", "500Gi", std::nullopt},
                      GrowthCase{"Lost", "20Gi", "{phase: Lost}", "500Gi", std::nullopt},
                      GrowthCase{"NoSize", "20Gi", "{phase: Bound}", "", std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(GrowthOfAClaim, ThatIsGoingAwayIsNotAskedFor) {
  Object claim = a_claim("20Gi", "{phase: Bound}");
  claim["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z";
  EXPECT_EQ(growth_of(claim, "500Gi"), std::nullopt);
}

const Error kNoExpansion{
    Remedy::kRetryWithBackoff, "Forbidden",
    "persistentvolumeclaims \"data\" is forbidden: only dynamically provisioned pvc can be "
    "resized and the storageclass that provisions the pvc must support resize"};

std::string refusal_for(const std::string& spec) {
  const auto inputs = inputs_of(spec);
  Observed observed = with_claim(a_claim("20Gi", "{phase: Bound, capacity: {storage: 20Gi}}"));
  observed.volumes_refused.emplace(
      Component::kDatabase,
      refused_growth(inputs.app, Component::kDatabase, a_claim("20Gi", "{}"), "30Gi", kNoExpansion));
  const auto readiness = volume_readiness(inputs, observed, Component::kDatabase);
  EXPECT_EQ(readiness.state, Readiness::State::kFailed);
  EXPECT_EQ(readiness.reason, "VolumeNotExpandable");
  return readiness.message;
}

TEST(VolumeThatCannotGrow, SaysTheRemedyThatFitsWhereTheSizeComesFrom) {
  EXPECT_THAT(refusal_for("tier: Growth"),
              HasSubstr("set spec.database.storage to 20Gi to keep what it has"));
  EXPECT_THAT(refusal_for(kNamed), HasSubstr("take spec.database.storage out to keep what it has"));
  EXPECT_THAT(refusal_for(kNamed), HasSubstr("storage class fast does not let volumes grow"));
}

TEST(VolumeThatCannotGrow, ForAnotherReasonSaysThat) {
  const Error quota{Remedy::kRetryWithBackoff, "Forbidden", "exceeded quota: storage"};
  EXPECT_EQ(
      refused_growth(inputs_of(kMvp).app, Component::kDatabase, a_claim("20Gi", "{}"), "30Gi", quota).message,
      quota.message);
}

TEST(VolumeThatGrows, SaysWhenItsPodHasToStartAnew) {
  const auto claim = a_claim("30Gi",
                             "{phase: Bound, capacity: {storage: 20Gi}, conditions: [{type: "
                             "FileSystemResizePending, status: 'True'}]}");
  EXPECT_THAT(volume_readiness(inputs_of(kNamed), with_claim(claim), Component::kDatabase).message,
              HasSubstr("kubectl -n shop delete pod demo-database-0"));
}

TEST(VolumeWithoutAClaim, IsWaitedForByTheStatefulSetAlone) {
  EXPECT_TRUE(volume_readiness(inputs_of("tier: Growth"), {}, Component::kDatabase).ready());
}

// The API server refuses every change of a StatefulSet with another claim template.
TEST(ClaimTemplate, StaysAsItWasMade) {
  const Object made = object_of(children::database_server, inputs_of("tier: MVP"));
  ASSERT_EQ(size_made_with(made), "20Gi");

  Inputs grown = inputs_of("tier: Growth");
  EXPECT_EQ(size_made_with(object_of(children::database_server, grown)), "500Gi");
  grown.volume_made_with = "20Gi";
  const Object changed = object_of(children::database_server, grown);
  EXPECT_EQ(changed.at("spec").at("volumeClaimTemplates"), made.at("spec").at("volumeClaimTemplates"));
  EXPECT_NE(changed.at("spec").at("template"), made.at("spec").at("template"));
}

TEST(ClaimTemplate, HasNoSizeInAStatefulSetWithoutOne) {
  for (const char* server :
       {"{}", "{spec: {}}", "{spec: {volumeClaimTemplates: []}}", "{spec: {volumeClaimTemplates: [{}]}}"})
    EXPECT_EQ(size_made_with(from_yaml(server)), std::nullopt) << server;
}

TEST(MessagingVolume, GrowsLikeThatOfTheDatabaseAndIsCalledByItsOwnName) {
  const auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded, storage: 30Gi}}");
  const auto claim = a_claim("20Gi", "{phase: Bound, capacity: {storage: 20Gi}}");
  Observed observed;
  observed.children[{k8s::kinds::kPersistentVolumeClaim.kind, "data-demo-messaging-0"}] = claim;
  const auto growing = volume_readiness(inputs, observed, Component::kMessaging);
  EXPECT_EQ(growing.reason, "VolumeGrowing");
  EXPECT_THAT(growing.message, HasSubstr("messaging serves, and its volume grows from 20Gi to 30Gi"));
  observed.volumes_refused.emplace(
      Component::kMessaging, refused_growth(inputs.app, Component::kMessaging, claim, "30Gi", kNoExpansion));
  EXPECT_THAT(volume_readiness(inputs, observed, Component::kMessaging).message,
              HasSubstr("take spec.messaging.storage out"));
  EXPECT_TRUE(volume_readiness(inputs, observed, Component::kDatabase).ready());
}

}  // namespace
}  // namespace promptsales::controllers
