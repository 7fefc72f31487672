// The informer against a real API server: what no fake can promise.

#include "operator/runtime/informer.hpp"

#include <gtest/gtest.h>

#include "tests/integration/support/api_server.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using k8s::kinds::kConfigMap;
using testing::ApiServer;
using testing::eventually;

class InformerOnARealServer : public ::testing::Test {
 protected:
  InformerConfig config_maps() {
    return {kConfigMap, {.ns = server.ns(), .label_selector = "watched=yes"}, {}};
  }

  std::string create(const std::string& name, const std::string& value = "1") {
    const auto made = server.client().create(
        kConfigMap,
        {{"apiVersion", "v1"},
         {"kind", "ConfigMap"},
         {"metadata", {{"name", name}, {"namespace", server.ns()}, {"labels", {{"watched", "yes"}}}}},
         {"data", {{"value", value}}}},
        "test");
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made.value_or("");
  }
  std::string value_of(const Store& store, const std::string& name) {
    const auto found = store.find({server.ns(), name});
    return found ? k8s::string_at(found->document(), {"data", "value"}) : "absent";
  }

  ApiServer server;
};

TEST_F(InformerOnARealServer, HasWhatExistsAndFollowsWhatChanges) {
  create("before");
  Informer informer{config_maps(), server.client(), server.clock()};
  informer.start();
  ASSERT_TRUE(eventually([&] { return informer.status().synced; }));
  EXPECT_EQ(value_of(informer.store(), "before"), "1");

  create("after");
  EXPECT_TRUE(eventually([&] { return value_of(informer.store(), "after") == "1"; }));
  ASSERT_TRUE(
      server.client().merge_patch(kConfigMap, {server.ns(), "after"}, {{"data", {{"value", "2"}}}}, "test"));
  EXPECT_TRUE(eventually([&] { return value_of(informer.store(), "after") == "2"; }));
  const auto uid = informer.store().find({server.ns(), "after"})->uid;
  ASSERT_TRUE(server.client().remove(kConfigMap, {server.ns(), "after"}, {.uid = uid}));
  EXPECT_TRUE(eventually([&] { return value_of(informer.store(), "after") == "absent"; }));
  informer.stop();
}

TEST_F(InformerOnARealServer, StopsAtOnceWhileItsWatchIsQuiet) {
  Informer informer{config_maps(), server.client(), server.clock()};
  informer.start();
  ASSERT_TRUE(eventually([&] { return informer.status().state == InformerStatus::State::kWatching; }));
  const auto start = std::chrono::steady_clock::now();
  informer.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s) << "the server says something each minute";
}

TEST_F(InformerOnARealServer, WatchesThatGoSilentEndAndNothingElseDoes) {
  for (int i = 0; i < 5; ++i) {
    const auto ended = server.client().watch(
        kConfigMap, {.ns = server.ns()}, {.resource_version = "0", .timeout = 60s}, {}, [] { return 100ms; },
        std::stop_token{}, [](const auto&) { return true; });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().reason, "DeadlineExceeded");
  }
  create("after");  // on the library's threads, behind what it does about those watches
}

TEST_F(InformerOnARealServer, NamesAKindThatTheServerDoesNotHave) {
  static constexpr k8s::Kind kAbsent{"example.org", "v1", "Absent", "absents"};
  Informer informer{{kAbsent, {}, {}}, server.client(), server.clock()};
  informer.start();
  ASSERT_TRUE(eventually([&] { return informer.status().state == InformerStatus::State::kMissing; }));
  EXPECT_FALSE(informer.status().synced);
  EXPECT_NE(informer.status().last_error.find("absents.example.org"), std::string::npos)
      << informer.status().last_error;
  informer.stop();
}

TEST_F(InformerOnARealServer, NamesThePermissionThatIsMissing) {
  auto nobody = server.client_of_service_account("nobody");
  Informer informer{config_maps(), *nobody, server.clock()};
  informer.start();
  ASSERT_TRUE(eventually([&] { return informer.status().state == InformerStatus::State::kForbidden; }));
  EXPECT_NE(informer.status().last_error.find("cannot"), std::string::npos) << informer.status().last_error;
  informer.stop();
}

TEST_F(InformerOnARealServer, ListsInPagesWhatTheServerWillNotStream) {
  for (int i = 0; i < 7; ++i) create("item-" + std::to_string(i));
  int seen = 0;
  std::stop_source stop;
  const auto version = server.client().list(kConfigMap, {.ns = server.ns(), .label_selector = "watched=yes"},
                                            {}, stop.get_token(), [&](const auto& object) {
                                              EXPECT_EQ(object->key.namespace_, server.ns());
                                              ++seen;
                                            });
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(seen, 7);
  EXPECT_FALSE(version->empty());
}

TEST_F(InformerOnARealServer, ReadsItsOwnWritesWithoutWaitingForTheWatch) {
  Informer informer{config_maps(), server.client(), server.clock()};
  informer.start();
  ASSERT_TRUE(eventually([&] { return informer.status().synced; }));
  const auto object = k8s::project(create("mine"), {}).value();
  informer.store().written(object);
  EXPECT_EQ(value_of(informer.store(), "mine"), "1");
  informer.stop();
}

TEST(Transport, SaysThatAServerThatIsNotThereGaveNoAnswer) {
  const SystemClock clock;
  client::Config config{
      .server = "https://127.0.0.1:1", .ca_pem = testing::config().ca_pem, .source = "a test"};
  auto transport = client::make_transport(config, clock);
  ASSERT_TRUE(transport) << transport.error().message;
  const auto answer = (*transport)->send({.target = "/version"}, 5s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "Unreachable");
  EXPECT_NE(answer.error().message.find("127.0.0.1"), std::string::npos) << answer.error().message;
}

TEST(Transport, TrustsOnlyTheGivenCa) {
  const SystemClock clock;
  auto config = testing::config();
  config.ca_pem = testing::foreign_ca();
  auto transport = client::make_transport(config, clock);
  ASSERT_TRUE(transport) << transport.error().message;
  const auto answer = (*transport)->send({.target = "/version"}, 5s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "Unreachable");
}

TEST(Transport, TrustsTheCaThatHasReplacedTheOneItBeganWith) {
  testing::FakeClock clock;
  auto config = testing::config();
  config.ca_pem = testing::foreign_ca();
  config.reread = [] { return testing::config(); };
  auto transport = client::make_transport(config, clock).value();
  EXPECT_FALSE(transport->send({.target = "/version"}, 5s));
  clock.advance(30s);
  const auto answer = transport->send({.target = "/version"}, 5s);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
}

}  // namespace
}  // namespace promptsales::runtime
