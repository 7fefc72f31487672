#include "operator/k8s/conditions.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

const Object kPod = Object::parse(R"({"status": {"conditions": [
  {"type": "PodScheduled", "status": "True"},
  {"type": "Ready", "status": "False", "reason": "ContainersNotReady"},
  {"type": "Odd", "status": "Unknown"}]}})");

TEST(Condition, IsFoundByItsType) {
  ASSERT_TRUE(condition_of(kPod, "Ready"));
  EXPECT_EQ(condition_of(kPod, "Ready")->at("reason"), "ContainersNotReady");
  EXPECT_EQ(condition_in(kPod.at("status"), "Ready"), condition_of(kPod, "Ready"));
  EXPECT_FALSE(condition_of(kPod, "ready"));
}

TEST(Condition, IsHadOnlyWhenItIsTrue) {
  EXPECT_TRUE(has_condition(kPod, "PodScheduled"));
  EXPECT_FALSE(has_condition(kPod, "Ready"));
  EXPECT_FALSE(has_condition(kPod, "Odd"));
  EXPECT_FALSE(has_condition(kPod, "Initialized"));
}

TEST(Condition, IsMissedWhereAnObjectHasNoneOrTheyAreNoList) {
  for (const char* text : {R"({})", R"({"status": {}})", R"({"status": {"conditions": null}})",
                           R"({"status": {"conditions": {"type": "Ready"}}})",
                           R"({"status": {"conditions": []}})", R"({"status": "none"})"}) {
    EXPECT_FALSE(condition_of(Object::parse(text), "Ready")) << text;
    EXPECT_FALSE(has_condition(Object::parse(text), "Ready")) << text;
  }
}

}  // namespace
}  // namespace promptsales::k8s
