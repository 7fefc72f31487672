#include "controllers/promptsales/rotation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.hpp"
#include "controllers/promptsales/attempts.hpp"
#include "controllers/promptsales/former_bindings.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using k8s::string_at;
using promptsales::testing::inputs_for;
using promptsales::testing::inputs_of;
using promptsales::testing::kCachePassword;
using promptsales::testing::object_of;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kNext = "next/pass+word\"5";

Inputs rotating(Component component, std::optional<Credentials> next) {
  Inputs inputs = inputs_of("tier: MVP");
  inputs.rotations[component] = {.next = std::move(next), .attempt = {}};
  return inputs;
}

Json pod_of_job(const Child& job, const Inputs& inputs) {
  return object_of(job, inputs).at("spec").at("template").at("spec");
}

TEST(ARotation, GoesFromTheOwnerToTwoRolesInTurn) {
  EXPECT_EQ(next_role("promptsales"), "promptsales_a");
  EXPECT_EQ(next_role("promptsales_a"), "promptsales_b");
  EXPECT_EQ(next_role("promptsales_b"), "promptsales_a");
  EXPECT_EQ(next_role("default"), "promptsales_a") << "of a cache";
}

TEST(ARotation, TellsTheServerWithTheLoginInUseOfTheOneToCome) {
  const auto inputs = rotating(Component::kDatabase, Credentials{"promptsales_a", kNext});
  const Json pod = pod_of_job(children::database_rotation, inputs);
  EXPECT_EQ(pod.at("containers").at(0).at("args"), Json::array({"rotate"}));
  EXPECT_THAT(pod.at("volumes").dump(), HasSubstr("demo-database-binding"));
  EXPECT_THAT(pod.at("volumes").dump(), HasSubstr("demo-database-next"));
  EXPECT_THAT(object_of(children::database_rotation, inputs).dump(), Not(HasSubstr(kNext)));
  const Object secret = object_of(children::database_next_login, inputs);
  EXPECT_EQ(bindings::entries_in(secret),
            (bindings::Entries{{"username", "promptsales_a"}, {"password", kNext}}));
}

TEST(ARotation, EndsWithAJobThatKnowsTheNewLoginAlone) {
  const auto inputs = rotating(Component::kCache, std::nullopt);
  const Json pod = pod_of_job(children::cache_rotation, inputs);
  EXPECT_EQ(pod.at("containers").at(0).at("args"), Json::array({"retire"}));
  EXPECT_EQ(pod.at("volumes").size(), 1U);
  EXPECT_FALSE(children::cache_next_login.desired(inputs));
}

TEST(ARotation, OfTheCacheLeavesItsPodAsItIsAndItsFileWithBothLogins) {
  auto inputs = inputs_of("tier: MVP");
  const Json before = object_of(children::cache_server, inputs);
  inputs.cache_made_with =
      string_at(before, {"spec", "template", "metadata", "annotations", "promptsales.io/binding-hash-cache"});
  inputs.cache_other = {"default", kCachePassword};
  inputs.cache = {"promptsales_a", kNext};
  inputs.cache_rotated = "monday";
  EXPECT_EQ(object_of(children::cache_server, inputs), before);
  const Object secret = object_of(children::cache_credentials, inputs);
  EXPECT_EQ(bindings::entries_in(secret).at("users.acl"), "user promptsales_a on >" + std::string{kNext} +
                                                              " ~* &* +@all\nuser default on >" +
                                                              std::string{kCachePassword} + " ~* &* +@all\n");
  EXPECT_EQ(string_at(secret, {"metadata", "annotations", kRotated}), "monday");
  inputs.cache_other.reset();
  EXPECT_EQ(bindings::entries_in(object_of(children::cache_credentials, inputs)).at("users.acl"),
            "user promptsales_a on >" + std::string{kNext} + " ~* &* +@all\nuser default off\n")
      << "the default user is open to everybody unless something is said of it";
}

TEST(ARotation, OfTheCacheDoesNotTakeTheLoginToComeForTheFormerOne) {
  auto inputs = rotating(Component::kCache, Credentials{"promptsales_a", kNext});
  inputs.cache_other = {"promptsales_a", kNext};
  const auto entries = bindings::entries_in(object_of(children::cache_credentials, inputs));
  EXPECT_THAT(entries.at("users.acl"), HasSubstr(kNext)) << "a server that starts meanwhile takes both";
  EXPECT_FALSE(entries.contains(kOtherPassword));
  inputs.rotations.clear();
  EXPECT_TRUE(bindings::entries_in(object_of(children::cache_credentials, inputs)).contains(kOtherPassword));
}

TEST(ARotation, OfMessagingStartsItsPodAnewForTheSecondLoginAndNotWhenTheyChangePlaces) {
  auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}}");
  const Credentials former = *inputs.messaging;
  const Json before = object_of(children::messaging_server, inputs);
  inputs.rotations[Component::kMessaging] = {.next = Credentials{"promptsales_a", kNext}, .attempt = {}};
  inputs.messaging_other = {"promptsales_a", kNext};
  const Json with_both = object_of(children::messaging_server, inputs);
  EXPECT_NE(with_both, before);
  const auto entries = bindings::entries_in(object_of(children::messaging_credentials, inputs));
  EXPECT_THAT(entries.at("nats.conf"), HasSubstr(kNext));
  EXPECT_FALSE(entries.contains(kOtherPassword)) << "it is to come, and not the former one";
  inputs.rotations.clear();
  std::swap(inputs.messaging, inputs.messaging_other);
  EXPECT_EQ(object_of(children::messaging_server, inputs), with_both);
  EXPECT_EQ(bindings::entries_in(object_of(children::messaging_credentials, inputs)).at(kOtherPassword),
            former.password);
}

TEST(ARotation, OfMessagingReplacesPodsThatFollowTheirOtherBindingsToo) {
  auto inputs = inputs_of("{tier: MVP, messaging: {type: Embedded}, secretRotation: {strategy: HotReload}}");
  const auto before = binding_hashes(inputs);
  inputs.bindings[Component::kMessaging]["password"] = kNext;
  EXPECT_NE(binding_hashes(inputs), before) << "the backend reads it when it starts";
  inputs.bindings[Component::kMessaging] = bindings::embedded_messaging(inputs);
  inputs.bindings[Component::kCache]["password"] = kNext;
  EXPECT_EQ(binding_hashes(inputs), before);
}

TEST(ARotation, HasNamesThatFit) {
  auto app = promptsales::testing::a_promptsales("tier: MVP");
  app.key.name = std::string(40, 'a');
  auto inputs = inputs_for(app);
  inputs.rotations[Component::kDatabase] = {.next = Credentials{"promptsales_a", kNext}, .attempt = {}};
  EXPECT_LE(attempt_name(rotation_name(inputs, Component::kDatabase), {9999, {}, {}}).size(), 63U);
}

TEST(ARotation, IsNotNeededWhereThePasswordIsNew) {
  auto app = promptsales::testing::a_promptsales("tier: MVP");
  app.annotations[kRotateDatabase] = "monday";
  EXPECT_EQ(string_at(object_of(children::database_credentials, inputs_for(app)),
                      {"metadata", "annotations", kRotated}),
            "monday");
}

}  // namespace
}  // namespace promptsales::controllers
