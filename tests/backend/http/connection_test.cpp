#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "backend/http/acceptor.hpp"
#include "backend/http/connection_set.hpp"
#include "tests/backend/support/eventually.hpp"
#include "tests/backend/support/http_client.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

/// Answers with the request's target and body.
class Echo final : public Handler {
 public:
  asio::awaitable<Reply> handle(const Request& request) override {
    co_return Reply{.body = request.target + "|" + request.body};
  }
};

/// A real server on a thread of its own, with deadlines that a test can wait for.
class ServedConnection : public testing::Test {
 protected:
  static HttpLimits short_limits() {
    HttpLimits limits;
    limits.header = limits.body = limits.idle = limits.linger = std::chrono::milliseconds{100};
    limits.sweep_every = std::chrono::milliseconds{10};
    return limits;
  }

  void serve(const HttpLimits& limits) {
    set_.emplace(loop_, echo_, limits, clock_);
    acceptor_ = std::move(*Acceptor::listen(loop_, 0, "PORT"));
    set_->start();
    asio::co_spawn(loop_,
                   acceptor_->run([this]() -> asio::io_context& { return loop_; },
                                  [this](asio::ip::tcp::socket socket) { set_->adopt(std::move(socket)); }),
                   asio::detached);
    thread_ = std::jthread{[this] { loop_.run(); }};
  }

  void on_loop(std::function<void()> what) {
    std::promise<void> done;
    asio::post(loop_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  void TearDown() override {
    loop_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_->port(); }

  SystemClock clock_;
  Echo echo_;
  asio::io_context loop_{1};
  std::optional<ConnectionSet> set_;
  std::unique_ptr<Acceptor> acceptor_;
  std::jthread thread_;
};

TEST_F(ServedConnection, StaysOpenForTheNextRequest) {
  serve({});
  HttpClient client{port()};
  EXPECT_EQ(client.get("/a")->body, "/a|");
  EXPECT_EQ(client.post("/b", "{}")->body, "/b|{}");
}

TEST_F(ServedConnection, AnswersPipelinedRequestsInOrder) {
  serve({});
  HttpClient client{port()};
  std::string bytes;
  for (int i = 0; i < 200; ++i)
    bytes += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
  ASSERT_TRUE(client.send(bytes));
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body, "/" + std::to_string(i) + "|x");
  }
}

TEST_F(ServedConnection, TakesALargeBodyAndTheRequestBehindIt) {
  serve({});
  HttpClient client{port()};
  const std::string body(1 << 20, 'x');
  ASSERT_TRUE(client.send("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body +
                          "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.read()->body.size(), body.size() + 5);
  EXPECT_EQ(client.read()->body, "/next|");
}

TEST_F(ServedConnection, ClosesWhenTheClientAsksFor) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client.read()->fields.at("connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, ABadRequestIsAnsweredAndEndsTheConnection) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0"));
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->fields.at("content-type"), "application/problem+json");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" +
                          std::string(100'000, 'x')));
  const auto answer = client.read();
  ASSERT_TRUE(answer);  // although bytes of the body were never read
  EXPECT_EQ(answer->status, 413);
}

TEST_F(ServedConnection, ContinuesForAClientThatAsksFirst) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(client.read()->status, 100);
  ASSERT_TRUE(client.send("hi"));
  EXPECT_EQ(client.read()->body, "/|hi");
}

TEST_F(ServedConnection, HeadHasNoBody) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.read(true)->fields.at("content-length"), "3");
  EXPECT_EQ(client.read()->body, "/b|");
}

TEST_F(ServedConnection, ASilentClientIsClosed) {
  serve(short_limits());
  HttpClient client{port()};
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, AClientThatDripsItsHeadIsClosed) {
  serve(short_limits());
  HttpClient client{port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(eventually([&] { return !client.send("X: y\r\n"); }));
}

TEST_F(ServedConnection, AClientThatNeverEndsItsBodyIsClosed) {
  serve(short_limits());
  HttpClient client{port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, AnIdleClientIsClosedAndForgotten) {
  serve(short_limits());
  HttpClient client{port()};
  ASSERT_TRUE(client.get("/"));
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(eventually([&] { return set_->count() == 0; }));
}

TEST_F(ServedConnection, ClosingIsAnnouncedInTheReply) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.get("/"));
  on_loop([&] { set_->announce_close(); });
  EXPECT_EQ(client.get("/")->fields.at("connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, CloseIdleSparesAClientThatHasNotAskedYet) {
  serve({});
  HttpClient fresh{port()};
  HttpClient used{port()};
  ASSERT_TRUE(used.get("/"));
  ASSERT_TRUE(eventually([&] { return set_->count() == 2; }));
  EXPECT_TRUE(eventually([&] {  // the reply is on its way before the connection counts as idle
    on_loop([&] { set_->close_idle(); });
    return set_->count() == 1;
  }));
  EXPECT_TRUE(fresh.get("/"));
}

TEST(Acceptor, ATakenPortNamesTheSetting) {
  asio::io_context loop;
  const auto first = Acceptor::listen(loop, 0, "PROMPTSALES_HTTP_PORT");
  ASSERT_TRUE(first) << first.error().message;
  const auto second = Acceptor::listen(loop, (*first)->port(), "PROMPTSALES_HTTP_PORT");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("is taken by another program"), std::string::npos)
      << second.error().message;
  EXPECT_NE(second.error().message.find("PROMPTSALES_HTTP_PORT"), std::string::npos);
}

}  // namespace
}  // namespace promptsales::backend
