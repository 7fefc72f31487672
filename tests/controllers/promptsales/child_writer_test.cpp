// What is asked of the server before a child is made.

#include "controllers/promptsales/child_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/children.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/recording_transport.hpp"

namespace promptsales::controllers {
namespace {

using k8s::Json;
using promptsales::testing::FakeClock;
using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using promptsales::testing::RecordingTransport;
using ::testing::HasSubstr;

HttpResponse reply(int status, const Json& body) {
  return {.status = status, .body = body.dump(), .retry_after = ""};
}

/// A cluster that has no Secret, and perhaps the resource.
class ALoginThatNobodyOwns : public ::testing::Test {
 protected:
  ALoginThatNobodyOwns() {
    caches.add(secrets);
    secrets.start();
    EXPECT_TRUE(eventually([this] { return secrets.status().synced; }));
    secrets.stop();
    transport.requests.clear();
    inputs.app.status = {{"observedGeneration", 1}};
  }

  Result<HttpResponse> answer(const HttpRequest& request) const {
    if (request.target.contains("watch="))
      return reply(400,
                   {{"kind", "Status"}, {"reason", "BadRequest"}, {"message", "no lists are streamed here"}});
    if (request.method == "POST" || request.method == "PATCH") return reply(201, Json::parse(request.body));
    if (request.target.contains("/secrets?"))
      return reply(
          200, {{"kind", "SecretList"}, {"metadata", {{"resourceVersion", "1"}}}, {"items", Json::array()}});
    if (request.target.contains("/promptsales/demo") && !uid_there.empty())
      return reply(200, {{"metadata", {{"name", "demo"}, {"namespace", "shop"}, {"uid", uid_there}}}});
    return reply(404, {{"kind", "Status"}, {"reason", "NotFound"}, {"message", "not found"}});
  }

  Result<ChildWriter::Outcome> bring(const Child& child) {
    return writer.bring(child, inputs.app, object_of(child, inputs), std::nullopt);
  }
  std::size_t writes() const {
    return static_cast<std::size_t>(std::ranges::count_if(transport.requests, [](const auto& each) {
      return each.method == "POST" || each.method == "PATCH";
    }));
  }

  Inputs inputs = inputs_of("tier: MVP");
  std::string uid_there;
  FakeClock clock;
  RecordingTransport transport{[this](const HttpRequest& request) { return answer(request); }};
  client::Client client{transport};
  runtime::Informer secrets{{k8s::kinds::kSecret, {}, {}}, client, clock};
  Caches caches;
  runtime::Metrics metrics;
  ChildWriter writer{client, caches, metrics, [] { return true; }};
};

TEST_F(ALoginThatNobodyOwns, IsNotMadeAgainForAResourceThatHasGone) {
  const auto gone = bring(children::database_credentials);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("shop/demo has gone"));
  uid_there = "of-another-of-the-name";
  EXPECT_FALSE(bring(children::database_credentials));
  EXPECT_EQ(writes(), 0U);
}

TEST_F(ALoginThatNobodyOwns, IsMadeAgainForOneThatIsThere) {
  uid_there = inputs.app.uid;
  ASSERT_TRUE(bring(children::database_credentials));
  EXPECT_EQ(writes(), 1U);
}

TEST_F(ALoginThatNobodyOwns, CostsAResourceThatIsNewNoRequestMore) {
  inputs.app.status = Json::object();
  ASSERT_TRUE(bring(children::database_credentials));
  EXPECT_EQ(transport.requests.size(), 1U);
}

/// A cluster whose ConfigMap of the backend is not as it is to be any more.
class AChildThatIsThere : public ::testing::Test {
 protected:
  static constexpr const char* kUid = "of-the-one-that-was-seen";

  AChildThatIsThere() {
    caches.add(maps);
    maps.start();
    EXPECT_TRUE(eventually([this] { return maps.status().synced; }));
    maps.stop();
    transport.requests.clear();
  }
  Result<HttpResponse> answer(const HttpRequest& request) const {
    if (request.target.contains("watch="))
      return reply(400,
                   {{"kind", "Status"}, {"reason", "BadRequest"}, {"message", "no lists are streamed here"}});
    if (request.method == "GET") {
      Json map = object_of(children::backend_config, inputs);
      map["metadata"].update({{"uid", kUid}, {"resourceVersion", "1"}});
      map["data"]["PROMPTSALES_HTTP_PORT"] = "1";
      return reply(200, {{"metadata", {{"resourceVersion", "1"}}}, {"items", {map}}});
    }
    if (Json::parse(request.body).at("metadata").value("uid", "") != uid_there)
      return reply(409, {{"kind", "Status"}, {"reason", "Conflict"}, {"message", "the UIDs differ"}});
    return reply(200, Json::parse(request.body));
  }
  auto bring() {
    return writer.bring(children::backend_config, inputs.app, object_of(children::backend_config, inputs),
                        std::nullopt);
  }

  Inputs inputs = inputs_of("tier: MVP");
  std::string uid_there = kUid;
  FakeClock clock;
  RecordingTransport transport{[this](const HttpRequest& request) { return answer(request); }};
  client::Client client{transport};
  runtime::Informer maps{{k8s::kinds::kConfigMap, {}, {}}, client, clock};
  Caches caches;
  runtime::Metrics metrics;
  ChildWriter writer{client, caches, metrics, [] { return true; }};
};

TEST_F(AChildThatIsThere, IsPutRight) {
  const auto brought = bring();
  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(*brought, ChildWriter::Outcome::kWritten);
}

TEST_F(AChildThatIsThere, IsNotTakenFromWhoHasPutAnotherInItsPlaceMeanwhile) {
  uid_there = "of-another";
  const auto brought = bring();
  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().remedy, Remedy::kReadAgain);
}

/// A server that others run, which has lost the label by which the caches know it.
class AServerWithoutItsLabel : public ::testing::Test {
 protected:
  AServerWithoutItsLabel() {
    caches.add(servers);
    servers.start();
    EXPECT_TRUE(eventually([this] { return servers.status().synced; }));
    servers.stop();
    inputs.app.status = {{"observedGeneration", 1}};
    live = object_of(children::gcp_instance, inputs);
    live["metadata"]["labels"].erase("app.kubernetes.io/managed-by");
    live["metadata"].update({{"uid", "u"}, {"resourceVersion", "1"}});
    live["spec"]["databaseVersion"] = "POSTGRES_14";
    transport.requests.clear();
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (request.target.contains("watch="))
      return reply(400,
                   {{"kind", "Status"}, {"reason", "BadRequest"}, {"message", "no lists are streamed here"}});
    if (request.method == "PATCH") {
      live.merge_patch(Json::parse(request.body));
      live["metadata"]["resourceVersion"] = "2";
    }
    if (request.target.contains("/sqlinstances/")) return reply(200, live);
    return reply(200, {{"metadata", {{"resourceVersion", "1"}}}, {"items", Json::array()}});
  }

  Inputs inputs = inputs_of("{tier: MVP, database: {type: ConfigConnector, configConnector: {region: r}}}");
  Json live;
  FakeClock clock;
  RecordingTransport transport{[this](const HttpRequest& request) { return answer(request); }};
  client::Client client{transport};
  runtime::Informer servers{{children::gcp_instance.kind, {}, {}}, client, clock};
  Caches caches;
  runtime::Metrics metrics;
  ChildWriter writer{client, caches, metrics, [] { return true; }};
};

// What is wanted was worked out without it: a newer version would be an upgrade at once, with no way back.
TEST_F(AServerWithoutItsLabel, GetsItBackAndNothingElse) {
  const auto wanted = object_of(children::gcp_instance, inputs);
  const auto brought = writer.bring(children::gcp_instance, inputs.app, wanted);
  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(*brought, ChildWriter::Outcome::kTakenBack);
  EXPECT_EQ(live.at("metadata").at("labels"), wanted.at("metadata").at("labels"));
  EXPECT_EQ(live.at("spec").at("databaseVersion"), "POSTGRES_14");
  const auto known = caches.of(children::gcp_instance.kind).find(k8s::key_of(wanted));
  ASSERT_TRUE(known) << "the next pass works from it";
  EXPECT_EQ(children::gcp_instance.made_as(known->document()), "POSTGRES_14");
}

// A former PromptSales has left it with its data, and nobody has reported on this one yet.
TEST_F(AServerWithoutItsLabel, GetsItBackFromAPromptSalesThatIsNew) {
  inputs.app.status = Json::object();
  live["metadata"].erase("ownerReferences");
  const auto brought =
      writer.bring(children::gcp_instance, inputs.app, object_of(children::gcp_instance, inputs));
  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(*brought, ChildWriter::Outcome::kTakenBack);
  EXPECT_EQ(live.at("spec").at("databaseVersion"), "POSTGRES_14");
}

}  // namespace
}  // namespace promptsales::controllers
