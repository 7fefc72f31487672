// When a status is written, and when it is held back.

#include "controllers/promptsales/status_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/a_promptsales.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/recording_transport.hpp"

namespace promptsales::controllers {
namespace {

using namespace std::chrono_literals;
using k8s::Json;
using promptsales::testing::a_promptsales;
using promptsales::testing::FakeClock;
using promptsales::testing::RecordingTransport;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr auto kHeldBack = 15s;  // docs/adr/0003-progress-is-not-news.md

/// Writes of a resource whose server takes every status.
class WrittenStatus : public ::testing::Test {
 protected:
  WrittenStatus() { caches.add(informer); }

  Result<HttpResponse> answer(const HttpRequest& request) {
    if (refusal) return HttpResponse{.status = 403, .body = *refusal, .retry_after = ""};
    Json object = Json::parse(request.body);
    if (stored)
      object = {{"metadata", stored->at("metadata")},
                {"spec", stored->at("spec")},
                {"status", object.at("status")}};
    object["metadata"]["resourceVersion"] = std::to_string(++version);
    return HttpResponse{.status = 200, .body = object.dump(), .retry_after = ""};
  }

  auto write(const Json& status, Urgency urgency, bool failing = false) {
    return writer.write(app, {status, urgency, failing});
  }
  std::size_t writes() const { return transport.requests.size(); }

  static Json saying(const std::string& reason) {
    return {{"conditions", Json::array({{{"type", "Ready"}, {"reason", reason}}})}};
  }

  PromptSales app = a_promptsales("tier: MVP");
  std::optional<std::string> refusal;
  std::optional<Json> stored;  ///< what the server has of it when the status comes; unset: no more than that
  bool leading = true;
  int version = 100;
  FakeClock clock;
  RecordingTransport transport{[this](const HttpRequest& request) { return answer(request); }};
  client::Client client{transport};
  runtime::Informer informer{{k8s::kinds::kPromptSales, {}, {}}, client, clock};
  Caches caches;
  StatusWriter writer{client, caches, clock, [this] { return leading; }};
};

TEST_F(WrittenStatus, IsAppliedToTheStatusAloneAndToThisVeryResource) {
  ASSERT_TRUE(write(saying("CrashLoop"), Urgency::kNow));
  ASSERT_EQ(writes(), 1U);
  const auto& request = transport.requests.at(0);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_THAT(request.target,
              HasSubstr("/namespaces/shop/promptsales/demo/status?fieldManager=promptsales-operator"));
  const Json want{{"apiVersion", "promptsales.io/v1alpha1"},
                  {"kind", "PromptSales"},
                  {"metadata", {{"name", "demo"}, {"namespace", "shop"}, {"uid", app.uid}}},
                  {"status", saying("CrashLoop")}};
  EXPECT_EQ(Json::parse(request.body), want);
}

TEST_F(WrittenStatus, IsSeenByTheNextReadAtOnce) {
  ASSERT_TRUE(write(saying("CrashLoop"), Urgency::kNow));
  const auto cached = informer.store().find(app.key);
  ASSERT_TRUE(cached);
  EXPECT_EQ(cached->document().at("status"), saying("CrashLoop"));
}

TEST_F(WrittenStatus, LeavesAnEditThatItHasOvertakenToBeNewsWhenItComes) {
  const auto with_tier = [&](const char* tier, const char* version) {
    return Json{{"metadata",
                 {{"name", "demo"}, {"namespace", "shop"}, {"uid", app.uid}, {"resourceVersion", version}}},
                {"spec", {{"tier", tier}}}};
  };
  const auto event = [](const Json& object) { return *k8s::project(object.dump(), {}); };
  ASSERT_TRUE(informer.store().observed(event(with_tier("MVP", "10"))));
  stored = with_tier("Growth", "11");
  ASSERT_TRUE(write(saying("CrashLoop"), Urgency::kNow));
  EXPECT_TRUE(informer.store().observed(event(*stored)));
}

TEST_F(WrittenStatus, IsNotWrittenAgainWhileItSaysTheSame) {
  app.status = saying("Ready");
  for (const auto urgency : {Urgency::kNow, Urgency::kProgress})
    EXPECT_THAT(write(saying("Ready"), urgency).value(), std::nullopt);
  EXPECT_EQ(writes(), 0U);
}

TEST_F(WrittenStatus, OfProgressIsHeldBackForAWhileAndTriedAgainThen) {
  EXPECT_THAT(write(saying("Starting"), Urgency::kProgress).value(), Optional(milliseconds{kHeldBack}));
  clock.advance(4s);
  EXPECT_THAT(write(saying("RollingOut"), Urgency::kProgress).value(),
              Optional(milliseconds{kHeldBack - 4s}));
  EXPECT_EQ(writes(), 0U);
  clock.advance(kHeldBack - 4s);
  EXPECT_EQ(write(saying("RollingOut"), Urgency::kProgress).value(), std::nullopt);
  EXPECT_EQ(writes(), 1U);
}

TEST_F(WrittenStatus, ThatMayNeedAPersonIsHeldBackForAThirdOfThat) {
  EXPECT_THAT(write(saying("VolumePending"), Urgency::kSoon).value(), Optional(milliseconds{5s}));
  clock.advance(5s);
  EXPECT_EQ(write(saying("VolumePending"), Urgency::kSoon).value(), std::nullopt);
  EXPECT_EQ(writes(), 1U);
}

TEST_F(WrittenStatus, ThatAFailureIsGoneIsHeldBackForAThirdOfThatToo) {
  ASSERT_TRUE(write(saying("BindingRejected"), Urgency::kNow, /*failing=*/true));
  EXPECT_THAT(write(saying("BindingTrial"), Urgency::kProgress).value(), Optional(milliseconds{5s}));
  clock.advance(5s);
  EXPECT_EQ(write(saying("BindingTrial"), Urgency::kProgress).value(), std::nullopt);
  EXPECT_THAT(write(saying("RollingOut"), Urgency::kProgress).value(), Optional(milliseconds{kHeldBack}));
}

TEST_F(WrittenStatus, OfProgressIsHeldBackAfterEveryWrite) {
  ASSERT_TRUE(write(saying("CrashLoop"), Urgency::kNow));
  clock.advance(kHeldBack - 1s);
  EXPECT_THAT(write(saying("Starting"), Urgency::kProgress).value(), Optional(1000ms));
  EXPECT_EQ(writes(), 1U);
}

TEST_F(WrittenStatus, ThatAPersonMustSeeWaitsForNothing) {
  EXPECT_TRUE(write(saying("Starting"), Urgency::kProgress).value().has_value());
  EXPECT_EQ(write(saying("CrashLoop"), Urgency::kNow).value(), std::nullopt);
  EXPECT_EQ(write(saying("Ready"), Urgency::kNow).value(), std::nullopt);
  EXPECT_EQ(writes(), 2U);
}

TEST_F(WrittenStatus, OfAnotherResourceHasATimeOfItsOwn) {
  ASSERT_TRUE(write(saying("CrashLoop"), Urgency::kNow));
  clock.advance(kHeldBack);
  auto other = app;
  other.uid = "another";
  EXPECT_THAT(writer.write(other, {saying("Starting"), Urgency::kProgress}).value(),
              Optional(milliseconds{kHeldBack}));
}

TEST_F(WrittenStatus, IsNotWrittenWithoutTheLease) {
  leading = false;
  const auto written = write(saying("CrashLoop"), Urgency::kNow);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, "NotLeading");
  EXPECT_EQ(writes(), 0U);
}

TEST_F(WrittenStatus, ThatIsRefusedIsAnErrorAndTriedAtOnceAgain) {
  clock.advance(kHeldBack);
  refusal = R"({"kind":"Status","reason":"Forbidden","message":"no"})";
  const auto refused = write(saying("Starting"), Urgency::kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "Forbidden");
  refusal.reset();
  EXPECT_EQ(write(saying("Starting"), Urgency::kNow).value(), std::nullopt);
}

TEST_F(WrittenStatus, OfAForgottenResourceStartsAnew) {
  EXPECT_TRUE(write(saying("Starting"), Urgency::kProgress).value().has_value());
  clock.advance(kHeldBack);
  writer.forget(app.uid);
  EXPECT_THAT(write(saying("Starting"), Urgency::kProgress).value(), Optional(milliseconds{kHeldBack}));
}

}  // namespace
}  // namespace promptsales::controllers
