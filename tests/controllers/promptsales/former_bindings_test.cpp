// Until when pods use what was bound before.

#include "controllers/promptsales/former_bindings.hpp"

#include <gtest/gtest.h>

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "controllers/promptsales/migration.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::from_yaml;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;

constexpr auto kServing = "{observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2}";
constexpr auto kRolling = "{observedGeneration: 1, replicas: 3, updatedReplicas: 1, availableReplicas: 2}";

/// A Deployment that was made for these inputs, with a status in YAML.
Object deployment_for(const Inputs& inputs, const std::string& status) {
  Object deployment = object_of(children::backend_deployment, inputs);
  deployment["metadata"]["generation"] = 1;
  deployment["spec"]["replicas"] = 2;
  deployment["status"] = from_yaml(status);
  return deployment;
}

class FormerBindings : public ::testing::Test {
 protected:
  const Inputs before = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  Inputs now = before;
};

TEST_F(FormerBindings, AreUsedUntilTheRollOutIsOver) {
  EXPECT_TRUE(uses_former_bindings(deployment_for(now, kRolling), now));
  EXPECT_FALSE(uses_former_bindings(deployment_for(now, kServing), now));
}

TEST_F(FormerBindings, AreUsedByADeploymentThatCouldNotBeChanged) {
  now.bindings[Component::kDatabase]["port"] = "6432";
  EXPECT_TRUE(uses_former_bindings(deployment_for(before, kServing), now));
  now = before;
  now.bindings.erase(Component::kMessaging);
  EXPECT_TRUE(uses_former_bindings(deployment_for(before, kServing), now)) << "no longer bound at all";
}

TEST_F(FormerBindings, AreAnotherServerWherePodsFollowThem) {
  now.effective.follow_bindings = true;
  const auto following = deployment_for(now, kServing);
  now.bindings[Component::kDatabase]["password"] = "rotated";
  EXPECT_FALSE(uses_former_bindings(following, now));
  now.bindings[Component::kDatabase]["host"] = "elsewhere";
  EXPECT_TRUE(uses_former_bindings(following, now));
}

TEST_F(FormerBindings, AreThoseThatTheSpecAskedForBeforeWherePodsFollowThem) {
  now.effective.follow_bindings = true;
  auto& asked = now.bindings[Component::kDatabase][bindings::kAskedFor];
  asked = "one";
  const auto following = deployment_for(now, kServing);
  EXPECT_FALSE(uses_former_bindings(following, now));
  asked = "another";
  EXPECT_TRUE(uses_former_bindings(following, now));
}

TEST_F(FormerBindings, AreNotToldApartInTheFilesOfPods) {
  now.bindings[Component::kDatabase][bindings::kAskedFor] = "one";
  const auto secret = object_of(children::database_binding, now);
  EXPECT_EQ(secret.at("data"), object_of(children::database_binding, before).at("data"));
  EXPECT_EQ(secret.at("metadata").at("annotations").at(bindings::kAskedFor), "one");
  EXPECT_EQ(migrated_binding(now), migrated_binding(before)) << "another name is no reason to try again";
}

TEST(AskedFor, IsByReferencesAndOnlyWherePodsFollowThem) {
  const auto asked = [](const std::string& name, const std::string& strategy) {
    return bindings::asked_for(inputs_of("{tier: MVP, database: {type: Secret, secretRef: {name: " + name +
                                         "}}, secretRotation: {strategy: " + strategy + "}}"),
                               Component::kDatabase);
  };
  EXPECT_EQ(asked("login", "HotReload"), asked("login", "HotReload"));
  EXPECT_NE(asked("login", "HotReload"), asked("other", "HotReload"));
  EXPECT_EQ(asked("login", "RollingRestart"), "");
  EXPECT_EQ(bindings::asked_for(inputs_of("{tier: MVP, secretRotation: {strategy: HotReload}}"),
                                Component::kDatabase),
            "");
}

}  // namespace
}  // namespace promptsales::controllers
