#include "controllers/promptsales/left_behind.hpp"

#include <gtest/gtest.h>

#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::inputs_of;

const k8s::ObjectKey kDatabaseVolume{"shop", "data-demo-database-0"};
const k8s::ObjectKey kMessagingVolume{"shop", "data-demo-messaging-0"};

constexpr const char* kElsewhere =
    "{tier: MVP, database: {type: Secret, secretRef: {name: a}}, messaging: {type: Secret, secretRef: {name: "
    "b}}}";

TEST(TheVolumeOfAFormerServer, IsDiscardedWithWhatOpensItAlone) {
  const auto inputs = inputs_of(kElsewhere);
  EXPECT_EQ(how_to_discard_volume(inputs, kDatabaseVolume),
            "kubectl -n shop delete persistentvolumeclaim/data-demo-database-0 secret/demo-database");
  EXPECT_EQ(how_to_discard_volume(inputs, kMessagingVolume),
            "kubectl -n shop delete persistentvolumeclaim/data-demo-messaging-0");
}

TEST(TheVolumeOfAFormerServer, LeavesThePasswordOfTheManagedOneThatHasItsPlace) {
  EXPECT_EQ(how_to_discard_volume(inputs_of("{tier: MVP, database: {type: ACK, ack: {region: r}}}"),
                                  kDatabaseVolume),
            "kubectl -n shop delete persistentvolumeclaim/data-demo-database-0");
}

TEST(TheVolumeOfAServerThatRuns, IsNotToBeDiscarded) {
  const auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  EXPECT_EQ(how_to_discard_volume(inputs, kDatabaseVolume), std::nullopt);
  EXPECT_EQ(how_to_discard_volume(inputs, kMessagingVolume), std::nullopt);
}

TEST(AVolumeOfAnotherName, IsNobodysToDiscard) {
  EXPECT_EQ(how_to_discard_volume(inputs_of(kElsewhere), {"shop", "data-demo-database-1"}), std::nullopt);
}

}  // namespace
}  // namespace promptsales::controllers
