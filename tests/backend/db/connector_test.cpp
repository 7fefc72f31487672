#include "backend/db/connector.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <thread>

#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Says nothing to who wants to connect, as the address of a pod does that has just gone: its queue is full.
class SilentAddress {
 public:
  SilentAddress() {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    first_.connect(acceptor_.local_endpoint());
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context loop_;
  tcp::acceptor acceptor_{loop_};
  tcp::socket first_{loop_};
};

TEST(ConnectPostgres, GivesUpOnAnAddressThatIsSilentLongBeforeTheDeadline) {
  const SilentAddress address;
  const DatabaseService service{
      .host = "127.0.0.1", .port = address.port(), .user = "a", .password = "b", .database = "c"};
  asio::io_context loop{1};
  std::optional<std::string> reason;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        const auto connection = co_await connect_postgres(loop, service, std::chrono::minutes{10});
        reason = connection ? "connected" : connection.error().reason;
      },
      asio::detached);
  EXPECT_TRUE(eventually([&] { return loop.poll(), reason.has_value(); }));
  EXPECT_EQ(reason, "ConnectTimeout");
}

}  // namespace
}  // namespace promptsales::backend
