#include "operator/runtime/peer_poll.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "base/guarded.hpp"
#include "operator/runtime/admin_server.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;

const k8s::ObjectKey kDemo{"shop", "demo"};

/// Peers at addresses of loopback, all at one port: each says what it is told to say.
class Peer {
 public:
  explicit Peer(const std::string& address) {
    server.route("/how", [this] {
      ++asked;
      return AdminAnswer{.status = 503, .body = says.with([](const auto& text) { return text; })};
    });
    EXPECT_TRUE(server.start(address));
  }
  void say(const std::string& text) {
    says.with([&](auto& now) { now = text; });
  }
  Guarded<std::string> says{std::string{"well"}};
  std::atomic<int> asked = 0;
  AdminServer server;
};

class APeerPoll : public ::testing::Test {
 protected:
  PeerPoll::Settings quick() const {
    return {.path = "/how",
            .port = one.server.port(),
            .well = "well",
            .interval = 20ms,
            .soon = 10ms,
            .rarely = 100ms,
            .deadline = 500ms,
            .patience = 300ms,
            .memory = 300ms,
            .times = 3};
  }
  PeerPoll& poll() {
    if (!poll_)
      poll_.emplace(
          quick(),
          [](const std::string& body) { return body == "not yet" ? std::nullopt : std::optional{body}; },
          [this](const k8s::ObjectKey& key) {
            EXPECT_EQ(key, kDemo);
            ++news;
          });
    return *poll_;
  }
  PeerPoll::Known ask(const std::string& group = "a", std::vector<std::string> addresses = {"127.0.0.1"}) {
    return poll().ask(kDemo, {group, std::move(addresses)});
  }
  bool hears(const std::optional<std::string>& word) {
    return eventually([&] { return ask().word == word; }, 5s);
  }

  std::atomic<int> news = 0;
  Peer one{"127.0.0.1:0"};
  std::optional<PeerPoll> poll_;
};

TEST_F(APeerPoll, KnowsNothingUntilThePeerHasAnswered) {
  EXPECT_TRUE(ask().asking);
  ASSERT_TRUE(hears("well"));
  EXPECT_FALSE(ask().asking);
  EXPECT_EQ(news, 1);
  const int before = one.asked;
  EXPECT_TRUE(eventually([&] { return one.asked > before + 3; }));
  EXPECT_EQ(news, 1) << "the same again";
}

TEST_F(APeerPoll, TellsOfAnotherWordWhenItStays) {
  ASSERT_TRUE(hears("well"));
  one.say("ill");
  ASSERT_TRUE(hears("ill"));
  EXPECT_EQ(news, 2);
  one.say("well");
  ASSERT_TRUE(hears("well"));
  EXPECT_EQ(news, 3);
}

TEST_F(APeerPoll, TakesAFirstWordThatAllIsNotWellWhenItStays) {
  one.say("ill");
  ASSERT_TRUE(hears("ill"));
  EXPECT_GE(one.asked, 3);
  EXPECT_EQ(news, 1);
}

TEST_F(APeerPoll, IsNotDisturbedByAWordThatPasses) {
  ASSERT_TRUE(hears("well"));
  for (int i = 0; i < 3; ++i) {
    const int before = one.asked;
    one.say("ill");
    ASSERT_TRUE(eventually([&] { return one.asked > before; }));
    one.say("well");
    ASSERT_TRUE(eventually([&] { return one.asked > before + 4; }));
  }
  EXPECT_EQ(news, 1);
}

TEST_F(APeerPoll, AsksAtEaseLessOftenUntilItHearsSomethingElse) {
  auto settings = quick();
  settings.at_ease = 1h;
  PeerPoll poll{settings, [](const std::string& body) { return std::optional{body}; }, [](const auto&) {}};
  const PeerPoll::Peers peers{.group = "a", .addresses = {"127.0.0.1"}, .at_ease = true};
  EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, peers).word == "well"; }));
  const int before = one.asked;
  std::this_thread::sleep_for(quick().interval * 5);
  EXPECT_EQ(one.asked, before);
  auto others = peers;
  others.group = "b";  // else it would take the hour
  one.say("ill");
  EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, others).word == "ill"; }));
}

TEST_F(APeerPoll, IsAsSureAtEase) {
  auto settings = quick();
  settings.at_ease = 30ms;
  PeerPoll poll{settings, [](const std::string& body) { return std::optional{body}; }, [](const auto&) {}};
  const PeerPoll::Peers peers{.group = "a", .addresses = {"127.0.0.1"}, .at_ease = true};
  ASSERT_TRUE(eventually([&] { return poll.ask(kDemo, peers).word == "well"; }));
  const int before = one.asked;
  one.say("ill");
  EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, peers).word == "ill"; }));
  EXPECT_GE(one.asked, before + 3);
}

/// They say nothing until their time is over: 64 of them would keep everybody else waiting.
TEST_F(APeerPoll, HasPlacesLeftBesideThoseThatAreAskedAtEase) {
  namespace asio = boost::asio;
  asio::io_context loop;
  const asio::ip::tcp::endpoint silent_at{asio::ip::make_address("127.0.0.3"), one.server.port()};
  const asio::ip::tcp::acceptor silent{loop, silent_at};
  auto settings = quick();
  settings.deadline = 1h;
  PeerPoll poll{settings, [](const std::string& body) { return std::optional{body}; }, [](const auto&) {}};
  for (int i = 0; i < 64; ++i)
    poll.ask({"shop", std::to_string(i)}, {.group = "a", .addresses = {"127.0.0.3"}, .at_ease = true});
  EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, {"a", {"127.0.0.1"}}).word == "well"; }, 5s));
}

TEST_F(APeerPoll, WaitsForWhoHasNothingToSayYet) {
  one.say("not yet");
  ASSERT_TRUE(ask().asking);
  std::this_thread::sleep_for(quick().patience * 2);
  EXPECT_TRUE(ask().asking) << "it answers";
  one.say("ill");
  EXPECT_TRUE(hears("ill"));
}

TEST_F(APeerPoll, AsksAnotherGroupAnew) {
  ASSERT_TRUE(hears("well"));
  const auto known = ask("b");
  EXPECT_TRUE(known.asking);
  EXPECT_FALSE(known.word);
  EXPECT_TRUE(eventually([&] { return ask("b").word == "well"; }, 1s));
}

TEST_F(APeerPoll, TakesTheWordOfTheFirstThatCanBeReached) {
  EXPECT_TRUE(eventually([&] { return ask("a", {"127.0.0.2", "127.0.0.1"}).word == "well"; }, 5s));
  const int before = one.asked;
  ask("a", {"127.0.0.2", "no address", "127.0.0.1"});
  std::this_thread::sleep_for(100ms);
  EXPECT_LE(one.asked, before + 1) << "two are asked at most";
}

TEST_F(APeerPoll, SaysThatNothingCanBeKnownWhereNobodyCanBeReached) {
  EXPECT_TRUE(ask("a", {"127.0.0.2"}).asking);
  EXPECT_TRUE(eventually([&] { return !ask("a", {"127.0.0.2"}).asking; }, 5s));
  EXPECT_EQ(news, 1) << "who waits for it goes on";
  EXPECT_FALSE(ask("a", {"127.0.0.2"}).word);
  EXPECT_TRUE(eventually([&] { return ask().word == "well"; }, 5s)) << "it is asked still";
}

TEST_F(APeerPoll, HasPatienceAnewOncePeersAreExpectedToAnswer) {
  const std::vector<std::string> nobody{"127.0.0.2"};
  ask("a", nobody);
  ASSERT_TRUE(eventually([&] { return !ask("a", nobody).asking; }, 5s));
  EXPECT_FALSE(ask("a", nobody).asking);
  EXPECT_TRUE(poll().ask(kDemo, {"a", nobody, /*expected=*/true}).asking);
  EXPECT_TRUE(eventually(
      [&] {
        return !poll().ask(kDemo, {"a", nobody, true}).asking;
      },
      5s))
      << "not for ever";
}

TEST_F(APeerPoll, AsksAtOnceWhoeverIsExpectedToAnswer) {
  auto settings = quick();
  settings.rarely = 1h;
  PeerPoll poll{settings, [](const auto& body) { return std::optional{body}; }, [](const auto&) {}};
  const auto gives_up = [&](const std::string& address) {
    return eventually([&] { return !poll.ask(kDemo, {"a", {address}, true}).asking; }, 5s);
  };
  poll.ask(kDemo, {"a", {"127.0.0.2"}});
  ASSERT_TRUE(gives_up("127.0.0.2"));
  EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, {"a", {"127.0.0.1"}, true}).word == "well"; }, 5s));
}

TEST_F(APeerPoll, ForgetsWhatNobodySaysAnyMore) {
  ASSERT_TRUE(hears("well"));
  one.server.stop();
  EXPECT_TRUE(eventually([&] { return !ask().word; }, 5s));
  EXPECT_FALSE(ask().asking);
  EXPECT_EQ(news, 2);
}

TEST_F(APeerPoll, KnowsNothingWithoutPeersAndAsksTheNextOnesAtOnce) {
  EXPECT_FALSE(ask("", {}).asking);
  ASSERT_TRUE(hears("well"));
  EXPECT_FALSE(ask("a", {}).word);
  EXPECT_FALSE(ask("a", {}).asking);
  EXPECT_TRUE(eventually([&] { return ask().word == "well"; }, 1s));
}

TEST_F(APeerPoll, AsksNobodyWhoWasForgottenAndNobodyAfterItsEnd) {
  ASSERT_TRUE(hears("well"));
  poll().forget(kDemo);
  poll().forget(kDemo);
  std::this_thread::sleep_for(100ms);
  const int before = one.asked;
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(one.asked, before);
  ASSERT_TRUE(hears("well")) << "and can be asked again";
  poll().stop();
  EXPECT_FALSE(ask().asking);
}

TEST_F(APeerPoll, CutsOffAnAnswerThatIsTooLong) {
  one.say(std::string(1 << 20, 'x'));
  EXPECT_TRUE(ask().asking);
  EXPECT_TRUE(eventually([&] { return !ask().asking; }, 5s));
  EXPECT_FALSE(ask().word);
}

/// What counts of an answer is somebody else's code, and it must not fall silent with it.
TEST_F(APeerPoll, EndsTheProcessWhenItCannotGoOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto goes_on = [&] {
    PeerPoll poll{quick(),
                  [](const auto&) -> std::optional<std::string> { throw std::runtime_error("no memory"); },
                  [](const auto&) {}};
    EXPECT_TRUE(eventually([&] { return poll.ask(kDemo, {"a", {"127.0.0.1"}}).word.has_value(); }, 5s));
  };
  EXPECT_DEATH(goes_on(), "");
}

TEST(PeerPolls, TellWithinTenSeconds) {
  const PeerPoll::Settings set;
  const auto room = 3s;  // for the pass that it wakes, and the write of the status
  EXPECT_LE(set.interval * set.times, 10s - room);
  EXPECT_LE(set.at_ease + 2 * set.soon * (set.times - 1), 10s - room);
}

TEST(PeerPolls, CostNothingBeforeTheFirstSubject) {
  PeerPoll poll{{.path = "/how", .port = 1},
                [](const auto& body) { return std::optional{body}; },
                [](const auto&) { FAIL(); }};
  EXPECT_FALSE(poll.ask(kDemo, {}).asking);
  poll.forget(kDemo);
}

}  // namespace
}  // namespace promptsales::runtime
