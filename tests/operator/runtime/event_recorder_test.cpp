#include "operator/runtime/event_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/k8s/object.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/recording_transport.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using k8s::Json;
using k8s::string_at;
using k8s::kinds::kPromptSales;
using ::testing::HasSubstr;

class Events : public ::testing::Test {
 protected:
  static ObjectReference about(const std::string& name) {
    return {kPromptSales, {"shop", name}, "uid-" + name};
  }
  void tell(const std::string& message, const std::string& name = "demo") {
    recorder.record(about(name), {.warning = true, .reason = "Ready", .action = "Check", .message = message});
  }
  /// What has been sent: the end of a recorder writes what is queued.
  std::vector<HttpRequest> written() {
    recorder.start();
    recorder.stop();
    return std::exchange(server.requests, {});
  }

  testing::FakeClock clock;
  bool events_are_kept = true;
  bool answers = true;
  testing::RecordingTransport server{[this](const HttpRequest& request) -> Result<HttpResponse> {
    if (request.method == "PATCH" && !events_are_kept) return HttpResponse{404, "{}"};
    if (!answers) return HttpResponse{500, "{}"};
    return HttpResponse{201, "{}"};
  }};
  client::Client client{server};
  EventRecorder recorder{client, std::string(253, 'n'), clock};
};

TEST_F(Events, SayWhatHappenedToWhichObjectAndWhoSaysSo) {
  tell("no node has the room");
  const auto sent = written();
  ASSERT_EQ(sent.size(), 1);
  EXPECT_EQ(sent[0].method, "POST");
  EXPECT_THAT(sent[0].target, HasSubstr("/namespaces/shop/events"));
  const Json event = Json::parse(sent[0].body);
  EXPECT_EQ(string_at(event, {"note"}), "no node has the room");
  EXPECT_EQ(string_at(event, {"type"}), "Warning");
  EXPECT_EQ(string_at(event, {"regarding", "name"}), "demo");
  EXPECT_EQ(string_at(event, {"regarding", "uid"}), "uid-demo");
  EXPECT_EQ(string_at(event, {"reportingInstance"}).size(), 128) << "the API's limit";
  EXPECT_FALSE(event.contains("series")) << "it has come once";
}

TEST_F(Events, AreCutAtOneKiB) {
  tell(std::string(5000, 'x'));
  EXPECT_LE(string_at(Json::parse(written().at(0).body), {"note"}).size(), 1024);
}

TEST_F(Events, OfTheSameNoteAreOneInTenMinutes) {
  for (int i = 0; i < 5; ++i) tell("no node has the room");
  tell("no node has the room", "another");
  tell("the quota is used up");
  EXPECT_EQ(written().size(), 3) << "another object and another message are other notes";
}

TEST_F(Events, CountANoteThatGoesOn) {
  tell("no node has the room");
  const auto name = string_at(Json::parse(written().at(0).body), {"metadata", "name"});
  tell("no node has the room");
  clock.advance(10min);
  tell("no node has the room");
  const auto sent = written();
  ASSERT_EQ(sent.size(), 1);
  EXPECT_EQ(sent[0].method, "PATCH");
  EXPECT_THAT(sent[0].target, HasSubstr("/events/" + name));
  EXPECT_EQ(Json::parse(sent[0].body).at("series").at("count"), 3) << "the one that was held back too";
}

TEST_F(Events, ThatCouldNotBeWrittenAreToldAnewWhenTheyComeAgain) {
  answers = false;
  tell("where the data is");
  EXPECT_EQ(written().size(), 1);
  answers = true;
  tell("where the data is");
  const auto sent = written();
  ASSERT_EQ(sent.size(), 1);
  EXPECT_EQ(sent[0].method, "POST");
  tell("where the data is");
  EXPECT_TRUE(written().empty()) << "it has been told";
}

TEST_F(Events, ThatTheClusterHasForgottenAreMadeAgainWithTheirCount) {
  tell("no node has the room");
  const auto name = string_at(Json::parse(written().at(0).body), {"metadata", "name"});
  events_are_kept = false;
  clock.advance(2h);
  tell("no node has the room");
  const auto sent = written();
  ASSERT_EQ(sent.size(), 2);
  EXPECT_EQ(sent[1].method, "POST");
  const Json event = Json::parse(sent[1].body);
  EXPECT_EQ(string_at(event, {"metadata", "name"}), name);
  EXPECT_EQ(event.at("series").at("count"), 2);
}

TEST_F(Events, OfOneObjectAreTwentyFiveAtOnceAndOneMoreEachFiveMinutes) {
  for (int i = 0; i < 100; ++i) tell("message " + std::to_string(i));
  tell("message", "another");
  EXPECT_EQ(written().size(), 26) << "the other object has its own";
  clock.advance(5min);
  tell("later");
  tell("and later");
  EXPECT_EQ(written().size(), 1);
}

}  // namespace
}  // namespace promptsales::runtime
