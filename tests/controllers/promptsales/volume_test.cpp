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
Observed with_claim(const std::string& status) {
  Observed observed;
  observed.children[{k8s::kinds::kPersistentVolumeClaim.kind, "data-demo-database-0"}] = {
      {"kind", "PersistentVolumeClaim"}, {"status", from_yaml(status)}};
  return observed;
}

struct VolumeCase {
  std::string name;
  std::string spec;
  std::string claim;
  bool enough;
};

void PrintTo(const VolumeCase& row, std::ostream* out) { *out << row.spec << " with " << row.claim; }

class Volume : public ::testing::TestWithParam<VolumeCase> {};

TEST_P(Volume, IsAsLargeAsTheSpecAsksFor) {
  const auto readiness = volume_readiness(inputs_of(GetParam().spec), with_claim(GetParam().claim));
  EXPECT_EQ(readiness.ready(), GetParam().enough) << readiness.message;
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Volume,
    ::testing::Values(
        VolumeCase{"OfTheTier", "tier: MVP", "{capacity: {storage: 20Gi}}", true},
        VolumeCase{"InAnotherUnit", "{tier: MVP, database: {type: Embedded, storage: 20480Mi}}",
                   "{capacity: {storage: 20Gi}}", true},
        VolumeCase{"LargerAsProvidersRoundUp", "tier: MVP", "{capacity: {storage: 21Gi}}", true},
        VolumeCase{"NotProvidedYet", "tier: MVP", "{phase: Pending}", true},
        VolumeCase{"SmallerThanNamed", "{tier: MVP, database: {type: Embedded, storage: 30Gi}}",
                   "{capacity: {storage: 20Gi}}", false},
        VolumeCase{"SmallerThanAHigherTiers", "tier: Growth", "{capacity: {storage: 20Gi}}", false}),
    [](const auto& info) { return info.param.name; });

TEST(VolumeTooSmall, SaysTheCommandThatMakesItLarger) {
  const auto readiness =
      volume_readiness(inputs_of("tier: Growth"), with_claim("{capacity: {storage: 20Gi}}"));
  EXPECT_EQ(readiness.state, Readiness::State::kFailed);
  EXPECT_EQ(readiness.reason, "VolumeTooSmall");
  EXPECT_THAT(readiness.message, HasSubstr("has 20Gi of the 500Gi"));
  EXPECT_THAT(
      readiness.message,
      HasSubstr(
          R"(kubectl -n shop patch pvc data-demo-database-0 -p '{"spec":{"resources":{"requests":{"storage":"500Gi"}}}}')"));
}

TEST(VolumeWithoutAClaim, IsWaitedForByTheStatefulSetAlone) {
  EXPECT_TRUE(volume_readiness(inputs_of("tier: Growth"), {}).ready());
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

}  // namespace
}  // namespace promptsales::controllers
