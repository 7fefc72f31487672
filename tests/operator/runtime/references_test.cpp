// Who refers to what, and what nobody refers to any more.

#include "operator/runtime/references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promptsales::runtime {
namespace {

using k8s::kinds::kConfigMap;
using k8s::kinds::kSecret;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const References::Key kDemo{"shop", "demo"};
const References::Key kOther{"shop", "other"};
const References::Target kLogin{&kSecret, {"shop", "login"}};
const References::Target kSameNameOfAnotherKind{&kConfigMap, {"shop", "login"}};
const References::Target kSameNameElsewhere{&kSecret, {"bank", "login"}};

TEST(References, NameWhoRefers) {
  References references;
  references.add(kDemo, kLogin);
  references.add(kOther, kLogin);
  EXPECT_TRUE(references.has(kLogin));
  EXPECT_THAT(references.to(kLogin), ElementsAre(kDemo, kOther));
}

TEST(References, TellKindsAndNamespacesApart) {
  References references;
  references.add(kDemo, kLogin);
  for (const auto& near_miss : {kSameNameOfAnotherKind, kSameNameElsewhere}) {
    EXPECT_FALSE(references.has(near_miss));
    EXPECT_THAT(references.to(near_miss), IsEmpty());
  }
}

TEST(References, AreKeptWhileOneRefers) {
  References references;
  references.add(kDemo, kLogin);
  references.add(kOther, kLogin);
  EXPECT_THAT(references.keep_only(kDemo, {}), IsEmpty());
  EXPECT_THAT(references.to(kLogin), ElementsAre(kOther));
  EXPECT_THAT(references.keep_only(kOther, {}), ElementsAre(kLogin));
  EXPECT_FALSE(references.has(kLogin));
}

TEST(References, OfAResourceThatChangedAreThoseOfItsLastPass) {
  References references;
  references.add(kDemo, kLogin);
  references.add(kDemo, kSameNameOfAnotherKind);
  EXPECT_THAT(references.keep_only(kDemo, {kLogin}), ElementsAre(kSameNameOfAnotherKind));
  EXPECT_TRUE(references.has(kLogin));
}

TEST(References, OfAnUnknownResourceAreNone) {
  References references;
  EXPECT_THAT(references.keep_only(kDemo, {}), IsEmpty());
}

}  // namespace
}  // namespace promptsales::runtime
