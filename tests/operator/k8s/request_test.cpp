#include "operator/k8s/request.hpp"

#include <gtest/gtest.h>

#include "operator/k8s/response.hpp"

namespace promptsales::k8s {
namespace {

TEST(Request, AddressesObjectsByGroupVersionNamespaceAndName) {
  EXPECT_EQ(get_request(kinds::kDeployment, {"shop", "demo"}).target,
            "/apis/apps/v1/namespaces/shop/deployments/demo");
  EXPECT_EQ(get_request(kinds::kSecret, {"shop", "demo"}).target, "/api/v1/namespaces/shop/secrets/demo");
  EXPECT_EQ(list_request(kinds::kService, {}, {}).target, "/api/v1/services?limit=500");
}

TEST(Request, NeverSendsAContinueTokenTogetherWithAResourceVersion) {
  const auto target =
      list_request(kinds::kPod, {.ns = "shop", .label_selector = "a=b"}, {.continue_token = "t+/="}).target;
  EXPECT_EQ(target, "/api/v1/namespaces/shop/pods?labelSelector=a%3Db&limit=500&continue=t%2B%2F%3D");
}

TEST(Request, AsksForInitialEventsOnlyWithoutAVersion) {
  const auto start = watch_request(kinds::kPod, {}, {.send_initial_events = true}).target;
  EXPECT_EQ(start,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=360"
            "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(watch_request(kinds::kPod, {}, {.resource_version = "5"}).target,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=360&resourceVersion=5");
}

TEST(Request, AppliesWithItsManager) {
  const Object object{{"metadata", {{"name", "demo"}, {"namespace", "shop"}}}};
  const auto request = apply_request(kinds::kPromptSales, object,
                                     {.manager = "promptsales-operator", .subresource = "status"});
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  EXPECT_EQ(request.target,
            "/apis/promptsales.io/v1alpha1/namespaces/shop/promptsales/demo/status"
            "?fieldManager=promptsales-operator&force=true");
}

TEST(Request, DeletesOnlyTheObjectThatWasSeen) {
  const auto body =
      Json::parse(delete_request(kinds::kSecret, {"shop", "x"}, {.uid = "u", .resource_version = "7"}).body);
  EXPECT_EQ(body.at("preconditions"), (Json{{"uid", "u"}, {"resourceVersion", "7"}}));
}

TEST(Request, OfMetadataAloneLeavesTheServerNoWayToSendContent) {
  const Selection names{.ns = "shop", .metadata_only = true};
  const auto listed = list_request(kinds::kSecret, names, {});
  EXPECT_EQ(listed.accept, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  const auto watched = watch_request(kinds::kSecret, names, {.send_initial_events = true});
  EXPECT_EQ(watched.accept, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
  EXPECT_EQ(watch_request(kinds::kSecret, {}, {}).accept, "application/json");
}

TEST(Response, TurnsAStatusIntoAFailureWithItsRemedy) {
  struct Case {
    int status;
    std::string body;
    Remedy remedy;
    std::string reason;
  };
  const Case cases[] = {
      {403, R"({"kind":"Status","reason":"Forbidden","message":"no"})", Remedy::kRetryWithBackoff,
       "Forbidden"},
      {404, "not json", Remedy::kRetryWithBackoff, "NotFound"},
      {409, R"({"kind":"Status","reason":"AlreadyExists","message":"there"})", Remedy::kReadAgain,
       "AlreadyExists"},
      {410, R"({"kind":"Status","reason":"Gone","message":"old"})", Remedy::kReadAgain, "Expired"},
      {422, R"({"kind":"Status","reason":"Invalid","message":"bad"})", Remedy::kWaitForSpecChange, "Invalid"},
      {503, "", Remedy::kRetryWithBackoff, "ServerError"},
  };
  for (const auto& [status, body, remedy, reason] : cases) {
    const auto result = body_of({.status = status, .body = body, .retry_after = "3"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().remedy, remedy) << status;
    EXPECT_EQ(result.error().reason, reason) << status;
    EXPECT_EQ(result.error().retry_after, std::chrono::seconds{3});
  }
  EXPECT_EQ(body_of({.status = 201, .body = "ok", .retry_after = ""}).value(), "ok");
}

}  // namespace
}  // namespace promptsales::k8s
