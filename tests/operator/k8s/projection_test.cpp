#include "operator/k8s/projection.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

constexpr std::string_view kDeployment = R"({
  "kind":"Deployment","apiVersion":"apps/v1",
  "metadata":{"name":"demo-backend","namespace":"shop","uid":"u-1","resourceVersion":"42","generation":3,
    "labels":{"promptsales.io/name":"demo","app.kubernetes.io/component":"backend"},
    "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"big\":true}","kept":"yes"},
    "ownerReferences":[{"kind":"Other","uid":"o-0","controller":false},
                       {"uid":"o-1","apiVersion":"promptsales.io/v1alpha1","kind":"PromptSales","name":"demo","controller":true}],
    "managedFields":[{"manager":"x","fieldsV1":{"f:spec":{"f:replicas":{}}}}]},
  "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"backend","args":["-a",7,-8,1.5,null,false]}]}}},
  "status":{"readyReplicas":2,"conditions":[{"type":"Available","status":"True"}]}})";

TEST(Projection, PicksOutTheIdentityOfAnObject) {
  const auto object = project(kDeployment, Keep{});
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ((*object)->key, (ObjectKey{"shop", "demo-backend"}));
  EXPECT_EQ((*object)->uid, "u-1");
  EXPECT_EQ((*object)->resource_version, "42");
  EXPECT_EQ((*object)->generation, 3);
  EXPECT_FALSE((*object)->deleting);
  EXPECT_EQ((*object)->owner_uid, "o-1");
  EXPECT_EQ((*object)->app, "demo");
}

TEST(Projection, KeepsEverythingButWhatNobodyReads) {
  Json expected = Json::parse(kDeployment);
  expected["metadata"].erase("managedFields");
  expected["metadata"].erase("resourceVersion");
  expected["metadata"]["annotations"].erase("kubectl.kubernetes.io/last-applied-configuration");
  EXPECT_EQ(project(kDeployment, Keep{}).value()->document(), expected);
}

TEST(Projection, KeepsOnlyTheBranchesAskedFor) {
  const Keep keep{"metadata.name", "status.readyReplicas", "spec.template.spec.containers.name"};
  const Json expected = Json::parse(R"({"metadata":{"name":"demo-backend"},"status":{"readyReplicas":2},
      "spec":{"template":{"spec":{"containers":[{"name":"backend"}]}}}})");
  const auto object = project(kDeployment, keep).value();
  EXPECT_EQ(object->document(), expected);
  EXPECT_EQ(object->uid, "u-1") << "identity is known whatever is kept";
}

// Somebody may take the label off: what the resource controls is its own all the same.
TEST(Projection, IsOfTheAppThatItsLabelNamesOrElseOfTheOneThatControlsIt) {
  const auto app_of = [](const std::string& metadata) {
    return project(R"({"metadata":{"name":"n",)" + metadata + "}}", Keep{}).value()->app;
  };
  const std::string controlled =
      R"("ownerReferences":[{"kind":"Other","name":"o","uid":"1"},{"controller":true,"kind":"PromptSales","name":"demo","uid":"2"}])";
  EXPECT_EQ(app_of(controlled), "demo");
  EXPECT_EQ(app_of(controlled + R"(,"labels":{"promptsales.io/name":"shop"})"), "shop");
  EXPECT_EQ(app_of(R"("ownerReferences":[{"kind":"PromptSales","name":"demo","uid":"2"}])"), "");
  EXPECT_EQ(app_of(R"("ownerReferences":[{"controller":true,"kind":"Job","name":"demo","uid":"2"}])"), "");
}

TEST(Projection, HasTheSameDigestForTheSameContentAtAnotherVersion) {
  std::string later{kDeployment};
  later.replace(later.find("\"42\""), 4, "\"99\"");
  std::string other{kDeployment};
  other.replace(other.find("\"replicas\":2"), 12, "\"replicas\":3");
  const auto digest = [](std::string_view text) { return project(text, Keep{}).value()->digest; };
  EXPECT_EQ(digest(kDeployment), digest(later));
  EXPECT_NE(digest(kDeployment), digest(other));
}

TEST(Projection, RefusesWhatIsNotAnObject) {
  std::string deep = R"({"metadata":{"name":"x"},"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  for (const std::string& bad : {std::string{}, std::string{"[]"}, std::string{"{"}, std::string{"nul"},
                                 std::string{R"({"metadata":{}})"}, std::string{"{} {}"}, deep})
    EXPECT_FALSE(project(bad, Keep{})) << bad.substr(0, 40);
}

TEST(Projection, NumbersOfEverySizeSurvive) {
  const std::string text =
      R"({"metadata":{"name":"n"},"v":[0,23,24,255,256,65535,65536,4294967295,4294967296,9007199254740993,-1,-24,-25,-256,-257,-4294967297,0.25]})";
  EXPECT_EQ(project(text, Keep{}).value()->document(), Json::parse(text));
}

TEST(WatchEvent, CarriesTheObject) {
  const auto event =
      decode_watch_event(R"({"type":"MODIFIED","object":)" + std::string{kDeployment} + "}", Keep{});
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->type, WatchEvent::Type::kModified);
  EXPECT_EQ(event->object->key.name, "demo-backend");
  EXPECT_EQ(event->object->document().at("spec").at("replicas"), 2);
}

TEST(WatchEvent, KnowsTheBookmarkThatEndsTheInitialEvents) {
  const auto plain = decode_watch_event(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"7"}}})", Keep{});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->object->resource_version, "7");
  EXPECT_FALSE(plain->initial_events_end);
  const auto last = decode_watch_event(
      R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}})",
      Keep{});
  EXPECT_TRUE(last->initial_events_end);
}

TEST(WatchEvent, CarriesTheStatusOfAnError) {
  const auto event = decode_watch_event(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})",
      Keep{});
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, WatchEvent::Type::kError);
  EXPECT_EQ(event->error_code, 410);
  EXPECT_EQ(event->error_reason, "Expired");
}

TEST(WatchEvent, OfAnUnknownTypeIsAnErrorAndNotACrash) {
  EXPECT_FALSE(decode_watch_event(R"({"type":"SURPRISE","object":{"metadata":{"name":"x"}}})", Keep{}));
  EXPECT_FALSE(decode_watch_event(R"({"type":"ADDED","object":[]})", Keep{}));
  EXPECT_FALSE(decode_watch_event(R"({})", Keep{}));
}

TEST(ResourceVersion, ComparesAsANumberOfAnyLength) {
  EXPECT_TRUE(newer("10", "9"));
  EXPECT_FALSE(newer("9", "10"));
  EXPECT_FALSE(newer("10", "10"));
  EXPECT_TRUE(newer("18446744073709551616", "18446744073709551615"));
  EXPECT_TRUE(newer("1", "")) << "anything is newer than nothing";
  EXPECT_TRUE(newer("opaque-b", "opaque-a")) << "what cannot be compared counts as news";
}

}  // namespace
}  // namespace promptsales::k8s
