#include "operator/runtime/store.hpp"

#include <gtest/gtest.h>

namespace promptsales::runtime {
namespace {

k8s::ProjectionPtr object(const std::string& name, const std::string& version, const std::string& uid = "u",
                          const std::string& app = "demo") {
  auto projection = std::make_shared<k8s::Projection>();
  projection->key = {"shop", name};
  projection->uid = uid;
  projection->resource_version = version;
  projection->app = app;
  return projection;
}

std::vector<std::string> names(const std::vector<k8s::ProjectionPtr>& objects) {
  std::vector<std::string> names;
  for (const auto& each : objects) names.push_back(each->key.name);
  return names;
}

TEST(Store, FindsTheObjectsOfAnAppInOrder) {
  Store store;
  store.observed(object("b", "2"));
  store.observed(object("a", "1"));
  store.observed(object("c", "3", "u", "other"));
  EXPECT_EQ(names(store.of_app("shop", "demo")), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(store.of_app("elsewhere", "demo").empty());
}

TEST(Store, FollowsAnObjectThatChangesItsApp) {
  Store store;
  store.observed(object("a", "1"));
  store.observed(object("a", "2", "u", "other"));
  EXPECT_TRUE(store.of_app("shop", "demo").empty());
  EXPECT_EQ(names(store.of_app("shop", "other")), (std::vector<std::string>{"a"}));
}

TEST(Store, SaysNothingNewWhenTheStreamRepeatsOurOwnWrite) {
  Store store;
  store.observed(object("a", "1"));
  store.written(object("a", "5"));
  EXPECT_EQ(store.find({"shop", "a"})->resource_version, "5") << "a reader sees what we have written";
  EXPECT_FALSE(store.observed(object("a", "5")));
  EXPECT_TRUE(store.observed(object("a", "6")));
}

TEST(Store, NeverGoesBackInTime) {
  Store store;
  store.observed(object("a", "10"));
  EXPECT_FALSE(store.observed(object("a", "9")));
  store.written(object("a", "8"));
  EXPECT_EQ(store.find({"shop", "a"})->resource_version, "10");
}

TEST(Store, ALateAnswerDoesNotBringADeletedObjectBack) {
  Store store;
  store.observed(object("a", "1"));
  store.deleted(object("a", "7"));
  store.written(object("a", "5"));  // the answer to a write at version 5 arrives after the deletion at 7
  EXPECT_EQ(store.find({"shop", "a"}), nullptr);
}

TEST(Store, TheDeletionOfAPredecessorLeavesItsSuccessor) {
  Store store;
  store.observed(object("a", "1", "old"));
  store.written(object("a", "9", "new"));
  EXPECT_FALSE(store.deleted(object("a", "5", "old")));
  EXPECT_EQ(store.find({"shop", "a"})->uid, "new");
}

TEST(Store, ACompleteListImpliesDeletions) {
  Store store;
  store.observed(object("a", "1"));
  store.observed(object("b", "2"));
  store.begin_list();
  store.observed(object("b", "2"));
  const auto gone = store.end_list("10");
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].before->key.name, "a");
  EXPECT_EQ(gone[0].after, nullptr);
  EXPECT_EQ(store.size(), 1U);
}

TEST(Store, WhatWeWroteAfterTheListWasTakenStays) {
  Store store;
  store.begin_list();
  store.written(object("new", "11"));
  store.written(object("deleted-again", "9"));
  const auto gone = store.end_list("10");
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].before->key.name, "deleted-again");
  EXPECT_NE(store.find({"shop", "new"}), nullptr);
}

}  // namespace
}  // namespace promptsales::runtime
