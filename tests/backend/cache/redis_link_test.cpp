// The life of a connection to the cache, turn by turn of the loop.

#include "backend/cache/redis_link.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

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
    link_ = std::make_shared<RedisLink>(loop_, std::make_shared<Channel>(std::move(ours)), clock_, kDeadline);
    asio::co_spawn(loop_, RedisLink::serve(link_), asio::detached);
    loop_.poll();
  }

  testing::FakeClock clock_;
  asio::io_context loop_{1};
  tcp::socket cache_{loop_};
  std::shared_ptr<RedisLink> link_;
};

TEST_F(LinkToACache, NothingIsLeftToDoForALinkThatIsGone) {
  link_->submit({"PING"}, [](const Result<RespValue>&) {});
  loop_.poll();
  // The next turn of the loop finds a command to send and then the first one unanswered for too long.
  asio::steady_timer first{loop_, asio::steady_timer::time_point::min()};
  first.async_wait(
      [&](boost::system::error_code) { link_->submit({"PING"}, [](const Result<RespValue>&) {}); });
  clock_.advance(kDeadline);
  const auto due = std::chrono::steady_clock::now() + kDeadline;
  ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > due; }));
  const std::weak_ptr<RedisLink> link = link_;
  ASSERT_EQ(loop_.run_one(), 1);
  link_.reset();
  while (!link.expired()) ASSERT_EQ(loop_.run_one(), 1);
  EXPECT_EQ(loop_.poll(), 0) << "what still runs was begun for the link, and touches it";
}

}  // namespace
}  // namespace promptsales::backend
