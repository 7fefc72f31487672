#include "operator/k8s/response.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

using ::testing::HasSubstr;

// As the API server answers when something is to be made in a namespace that is being deleted.
constexpr auto kDying = R"({"kind":"Status","status":"Failure","reason":"Forbidden","code":403,
  "message":"configmaps \"demo\" is forbidden: unable to create new content in namespace shop because it is being terminated",
  "details":{"name":"demo","kind":"configmaps","causes":[
    {"reason":"NamespaceTerminating","message":"namespace shop is being terminated","field":"metadata.namespace"}]}})";

TEST(Refusal, InADyingNamespaceIsToldFromAMissingPermission) {
  const auto dying = error_of(403, kDying);
  EXPECT_EQ(dying.reason, kNamespaceTerminating);
  EXPECT_THAT(dying.message,
              HasSubstr("because it is being terminated; move the resource to another namespace"));
  EXPECT_EQ(dying.remedy, Remedy::kRetryWithBackoff) << "the namespace may come back";
  const auto forbidden =
      error_of(403, R"({"kind":"Status","reason":"Forbidden","message":"no","details":{"causes":null}})");
  EXPECT_EQ(forbidden.reason, kForbidden);
  EXPECT_EQ(forbidden.message, "no");
}

TEST(Refusal, WithoutAStatusObjectIsNamedByItsCode) {
  EXPECT_EQ(error_of(429, "slow down", "7").reason, "TooManyRequests");
  EXPECT_EQ(error_of(429, "slow down", "7").retry_after, std::chrono::seconds{7});
  EXPECT_EQ(error_of(403, "").reason, kForbidden);
}

}  // namespace
}  // namespace promptsales::k8s
