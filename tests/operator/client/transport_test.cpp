#include "operator/client/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio.hpp>
#include <latch>
#include <thread>

#include "tests/support/eventually.hpp"

namespace promptsales::client {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using ::testing::HasSubstr;

constexpr auto kLong = std::chrono::milliseconds{60s};

std::string with_length(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
std::string chunk(const std::string& bytes) {
  std::ostringstream out;
  out << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return out.str();
}

/// An HTTP server of one connection at a time, whose answers are written by the test.
class Server {
 public:
  /// Writes bytes to the client; false when that has gone.
  using Say = std::function<bool(const std::string&)>;
  using Answer = std::function<void(const Say&)>;

  explicit Server(Answer answer, bool hangs_up = false) : answer_(std::move(answer)), hangs_up_(hangs_up) {
    port = acceptor_.local_endpoint().port();
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ending_ = true;
    boost::asio::io_context context;
    boost::system::error_code ignored;
    tcp::socket{context}.connect({boost::asio::ip::address_v4::loopback(), port}, ignored);
    thread_.join();
  }

  unsigned short port = 0;
  std::atomic<int> connections = 0;

 private:
  void serve() {
    while (!ending_) {
      tcp::socket socket{context_};
      boost::system::error_code failed;
      acceptor_.accept(socket, failed);
      if (failed || ending_) return;
      ++connections;
      std::string request;
      for (;;) {
        const auto size =
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", failed);
        if (failed) break;
        request.erase(0, size);
        answer_([&](const std::string& bytes) {
          boost::asio::write(socket, boost::asio::buffer(bytes), failed);
          return !failed;
        });
        if (hangs_up_) break;
      }
    }
  }

  const Answer answer_;
  const bool hangs_up_;  ///< after an answer
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

class ATransport : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const bool once = (initialize_transport_library(), true);
    (void)once;
  }
  void SetUp() override {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the library is not instrumented: what it synchronises is not seen";
#endif
  }

  std::unique_ptr<Transport> to(const Server& server) {
    auto made = make_transport({.server = "http://127.0.0.1:" + std::to_string(server.port)}, clock);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return std::move(*made);
  }
  static Silence silent_for(std::chrono::milliseconds time) {
    return [time] { return time; };
  }

  SystemClock clock;
};

TEST_F(ATransport, TakesNoInterimAnswerForOneAndNothingAfterItForTheNext) {
  std::atomic<int> asked = 0;
  Server server{[&](const auto& say) {
    if (asked++ == 0) {
      say("HTTP/1.1 103 Early Hints\r\n\r\n");
      std::this_thread::sleep_for(20ms);  // the library is done with it by now
      say(with_length("of the first"));
    } else {
      say(with_length("of the second"));
    }
  }};
  const auto transport = to(server);
  const auto first = transport->send({.method = "GET", .target = "/1"}, kLong);
  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().message, HasSubstr("interim answer (103)"));
  const auto second = transport->send({.method = "GET", .target = "/2"}, kLong);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "of the second");
}

TEST_F(ATransport, SurvivesAChunkOfImpossibleLength) {
  Server server{[](const auto& say) { say(kChunked + "-1\r\nbytes\r\n"); }, /*hangs_up=*/true};
  EXPECT_FALSE(to(server)->send({.method = "GET", .target = "/"}, kLong));
}

TEST_F(ATransport, HandsOverAnAnswerThatCameInPieces) {
  Server server{[](const auto& say) { say(kChunked + chunk("to") + chunk("gether") + chunk("")); }};
  const auto answer = to(server)->send({.target = "/"}, kLong);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "together");
}

TEST_F(ATransport, TakesAnErrorForAnAnswerAndSaysWhenToComeAgain) {
  Server server{[](const auto& say) {
    say("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nlate");
  }};
  const auto answer = to(server)->send({.target = "/"}, kLong);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->retry_after, "7");
  EXPECT_EQ(answer->body, "late");
}

TEST_F(ATransport, FollowsNobodyElsewhere) {
  Server server{[](const auto& say) {
    say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 5\r\n\r\nthere");
  }};
  const auto answer = to(server)->send({.target = "/"}, kLong);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->body, "there");
}

TEST_F(ATransport, UsesAConnectionAgain) {
  Server server{[](const auto& say) { say(with_length("well")); }};
  const auto transport = to(server);
  // The end of an answer is known a moment before the library has its connection back.
  EXPECT_TRUE(eventually([&] {
    const int before = server.connections;
    EXPECT_TRUE(transport->send({.target = "/"}, kLong));
    return before > 0 && server.connections == before;
  }));
}

TEST_F(ATransport, RefusesAnAnswerThatIsTooLarge) {
  Server server{[](const auto& say) {
    say(kChunked);
    while (say(chunk(std::string(1U << 20U, 'x')))) continue;
  }};
  const auto answer = to(server)->send({.target = "/"}, kLong);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "ResponseTooLarge");
}

TEST_F(ATransport, TellsAnAnswerThatBrokeOffFromOneThatEnded) {
  Server server{[](const auto& say) { say(kChunked + chunk("half")); }, /*hangs_up=*/true};
  const auto answer = to(server)->send({.target = "/"}, kLong);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "Unreachable");
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1"));
}

TEST_F(ATransport, GivesUpAtTheDeadlineWhateverHasCome) {
  std::latch over{1};
  Server server{[&](const auto& say) {
    say(kChunked + chunk("half"));
    over.wait();
  }};
  const auto answer = to(server)->send({.target = "/"}, 50ms);
  over.count_down();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "DeadlineExceeded");
}

TEST_F(ATransport, PassesOnWhatIsThereWithoutWaitingForMore) {
  std::latch heard{1};
  Server server{[&](const auto& say) {
    say(kChunked + chunk("first"));
    heard.wait();
    say(chunk("second") + chunk(""));
  }};
  std::string all;
  const auto answer = to(server)->stream({.target = "/"}, silent_for(kLong), {}, [&](std::string_view bytes) {
    if (all.empty() && !bytes.empty()) heard.count_down();
    all += bytes;
    return true;
  });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(all, "firstsecond");
}

TEST_F(ATransport, EndsAStreamThatIsSilentOneThatIsStoppedAndOneThatNobodyWants) {
  std::latch over{1};
  Server server{[&](const auto& say) {
    say(kChunked + chunk("first"));
    over.wait();
  }};
  const auto transport = to(server);
  const auto ignore = [](std::string_view) { return true; };
  const auto silent = transport->stream({.target = "/"}, silent_for(50ms), {}, ignore);
  over.count_down();
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().reason, "DeadlineExceeded");

  std::stop_source stop;
  const auto stopped =
      transport->stream({.target = "/"}, silent_for(kLong), stop.get_token(), [&](auto bytes) {
        if (!bytes.empty()) stop.request_stop();
        return true;
      });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, "Stopped");

  const auto left = transport->stream({.target = "/"}, silent_for(kLong), {},
                                      [](std::string_view bytes) { return bytes.empty(); });
  ASSERT_TRUE(left) << left.error().message;
}

TEST_F(ATransport, LetsASlowReaderHoldTheServerUpAndLosesNothing) {
  constexpr std::size_t kPiece = 1U << 20U;
  constexpr std::size_t kPieces = 64;
  std::atomic<std::size_t> said = 0;
  Server server{[&](const auto& say) {
    say(kChunked);
    for (std::size_t i = 0; i < kPieces && say(chunk(std::string(kPiece, 'x'))); ++i) ++said;
    say(chunk(""));
  }};
  std::size_t read = 0;
  const auto answer = to(server)->stream({.target = "/"}, silent_for(kLong), {}, [&](std::string_view bytes) {
    if (read == 0 && !bytes.empty()) {  // until no more is taken off the server
      std::size_t before = kPieces + 1;
      EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(50ms);
        return std::exchange(before, said.load()) == said;
      }));
      EXPECT_LT(said, kPieces / 2);
    }
    read += bytes.size();
    return true;
  });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(read, kPiece * kPieces);
}

}  // namespace
}  // namespace promptsales::client
