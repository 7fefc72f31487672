#include "backend/db/connector.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <vector>

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

class ConnectPostgres : public ::testing::Test {
 protected:
  /// Begins to connect to a port of these addresses.
  void begin(std::uint16_t port, std::vector<std::string> addresses) {
    service_.port = port;
    asio::co_spawn(
        loop_,
        [](ConnectPostgres& test, std::vector<std::string> to) -> asio::awaitable<void> {
          const auto connection =
              co_await connect_to_any(test.loop_, test.service_, std::move(to), std::chrono::minutes{10});
          test.reason_ = connection ? "connected" : connection.error().reason;
        }(*this, std::move(addresses)),
        asio::detached);
  }
  template <typename Claim>
  bool comes(Claim claim) {
    return eventually([&] { return loop_.poll(), claim(); });
  }

  DatabaseService service_{.host = "database", .user = "a", .password = "b", .database = "c"};
  asio::io_context loop_{1};
  std::optional<std::string> reason_;  ///< why there is no connection, when that is known
};

TEST_F(ConnectPostgres, GivesUpOnAnAddressThatIsSilentLongBeforeTheDeadline) {
  const SilentAddress address;
  begin(address.port(), {"127.0.0.1"});
  EXPECT_TRUE(comes([&] { return reason_.has_value(); }));
  EXPECT_EQ(reason_, "ConnectTimeout");
}

TEST_F(ConnectPostgres, GoesOnToTheNextAddressOfTheHostWhereTheFirstIsSilent) {
  const SilentAddress silent;
  tcp::acceptor next{loop_, {asio::ip::make_address("127.0.0.2"), silent.port()}};
  bool is_asked = false;
  next.async_accept([&](boost::system::error_code error, const tcp::socket&) { is_asked = !error; });
  begin(silent.port(), {"127.0.0.1", "127.0.0.2"});
  EXPECT_TRUE(comes([&] { return is_asked; }));
}

}  // namespace
}  // namespace promptsales::backend
