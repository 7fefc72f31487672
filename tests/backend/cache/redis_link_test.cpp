// The life of a connection to the cache, turn by turn of the loop.

#include "backend/cache/redis_link.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr std::chrono::milliseconds kDeadline{1};

class LinkToACache : public ::testing::Test {
 protected:
  LinkToACache() {
    tcp::acceptor acceptor{loop_, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket ours{loop_};
    ours.connect(acceptor.local_endpoint());
    cache_ = acceptor.accept();
    channel_ = std::make_shared<Channel>(std::move(ours));
    link_ = std::make_shared<RedisLink>(loop_, channel_, clock_, kDeadline);
    asio::co_spawn(loop_, RedisLink::serve(link_), asio::detached);
    loop_.poll();
  }
  /// As if the process had not been given the processor: the deadline passes, and the loop has not seen it yet.
  void the_deadline_passes() {
    clock_.advance(kDeadline);
    const auto due = std::chrono::steady_clock::now() + kDeadline;
    ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > due; }));
  }

  testing::FakeClock clock_;
  asio::io_context loop_{1};
  tcp::socket cache_{loop_};
  std::shared_ptr<Channel> channel_;
  std::shared_ptr<RedisLink> link_;
};

TEST_F(LinkToACache, NothingIsLeftToDoForALinkThatIsGone) {
  link_->submit({"PING"}, [](const Result<RespValue>&) {});
  loop_.poll();
  // The next turn of the loop finds a command to send and then the first one unanswered for too long.
  asio::steady_timer first{loop_, asio::steady_timer::time_point::min()};
  first.async_wait(
      [&](boost::system::error_code) { link_->submit({"PING"}, [](const Result<RespValue>&) {}); });
  the_deadline_passes();
  const std::weak_ptr<RedisLink> link = link_;
  ASSERT_EQ(loop_.run_one(), 1);
  link_.reset();
  while (!link.expired()) ASSERT_EQ(loop_.run_one(), 1);
  EXPECT_EQ(loop_.poll(), 0) << "what still runs was begun for the link, and touches it";
}

TEST_F(LinkToACache, AnAnswerThatHasComeIsTakenHoweverLateTheLoopLooks) {
  std::optional<Result<RespValue>> answer;
  link_->submit({"PING"}, [&](Result<RespValue> given) { answer = std::move(given); });
  loop_.poll();
  asio::write(cache_, asio::buffer("+PONG\r\n", 7));
  ASSERT_TRUE(eventually([&] { return channel_->has_unread(); }));
  the_deadline_passes();
  ASSERT_TRUE(eventually([&] { return loop_.poll(), answer.has_value(); }));
  EXPECT_TRUE(answer->has_value()) << answer->error().message;
}

}  // namespace
}  // namespace promptsales::backend
