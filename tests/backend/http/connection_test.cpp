#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <list>
#include <thread>

#include "backend/http/acceptor.hpp"
#include "backend/http/connection_set.hpp"
#include "backend/tls/server_certificate.hpp"
#include "tests/backend/support/certificates.hpp"
#include "tests/backend/support/http_client.hpp"
#include "tests/support/eventually.hpp"

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

/// A real server on a thread of its own.
class ServedConnection : public testing::Test {
 protected:
  /// One deadline that a test can wait for, and no other that may pass meanwhile.
  static HttpLimits with_short(std::chrono::milliseconds HttpLimits::*deadline) {
    HttpLimits limits;
    limits.handshake = limits.header = limits.body = limits.idle = limits.linger = std::chrono::hours{1};
    limits.sweep_every = std::chrono::milliseconds{10};
    limits.*deadline = std::chrono::milliseconds{100};
    return limits;
  }

  void serve(const HttpLimits& limits) {
    set_.emplace(loop_, echo_, limits, clock_);
    acceptor_ = std::move(*Acceptor::listen(loop_, 0, "PORT"));
    set_->start();
    asio::co_spawn(loop_,
                   acceptor_->run([this]() -> asio::io_context& { return loop_; },
                                  [this](asio::ip::tcp::socket socket) { take(std::move(socket)); }),
                   asio::detached);
    thread_ = std::jthread{[this] { loop_.run(); }};
  }

  virtual void take(asio::ip::tcp::socket socket) { set_->adopt(std::move(socket)); }

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
  serve(with_short(&HttpLimits::header));
  HttpClient client{port()};
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, AClientThatDripsItsHeadIsClosed) {
  serve(with_short(&HttpLimits::header));
  HttpClient client{port()};
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(eventually([&] { return !client.send("X: y\r\n"); }));
}

TEST_F(ServedConnection, AClientThatNeverEndsItsBodyIsClosed) {
  serve(with_short(&HttpLimits::body));
  HttpClient client{port()};
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServedConnection, AnIdleClientIsClosedAndForgotten) {
  serve(with_short(&HttpLimits::idle));
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

/// The same over TLS.
class SecuredConnection : public ServedConnection {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    const auto pair = ca_.issue();
    certificate_ = std::move(*load_server_certificate({pair.certificate, pair.key}));
  }
  void take(asio::ip::tcp::socket socket) override {
    SslPtr session{SSL_new(certificate_->context.get())};
    SSL_set_accept_state(session.get());
    set_->adopt(std::move(socket), std::move(session));
  }
  SslPtr session() const { return client_session(ca_); }

  const CertificateAuthority ca_;
  std::optional<ServerCertificate> certificate_;
};

TEST_F(SecuredConnection, AnswersInOrderAndStaysOpen) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.start_tls(session()));
  std::string bytes;
  for (int i = 0; i < 200; ++i)
    bytes += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
  ASSERT_TRUE(client.send(bytes));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.read()->body, "/" + std::to_string(i) + "|x");
  EXPECT_EQ(client.get("/again")->body, "/again|");
}

TEST_F(SecuredConnection, CarriesLargeBodiesBothWays) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.start_tls(session()));
  const std::string body(1 << 20, 'x');
  ASSERT_TRUE(client.send("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body));
  EXPECT_EQ(client.read()->body.size(), body.size() + 5);
}

TEST_F(SecuredConnection, SaysThatItCloses) {
  serve({});
  HttpClient client{port()};
  ASSERT_TRUE(client.start_tls(session()));
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  ASSERT_TRUE(client.read());
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(SecuredConnection, AnIdleClientIsToldThatItIsClosed) {
  serve(with_short(&HttpLimits::idle));
  HttpClient client{port()};
  ASSERT_TRUE(client.start_tls(session()));
  ASSERT_TRUE(client.get("/"));
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(SecuredConnection, AHandshakeThatDoesNotComeIsNotWaitedFor) {
  serve(with_short(&HttpLimits::handshake));
  HttpClient client{port()};
  EXPECT_TRUE(eventually([&] { return set_->failed_handshakes() == 1; }));
  EXPECT_TRUE(eventually([&] { return set_->count() == 0; }));
}

TEST_F(SecuredConnection, SlowHandshakesPushEachOtherOutAndNobodyElse) {
  HttpLimits limits;
  limits.handshake = std::chrono::hours{1};
  limits.handshakes = 3;
  serve(limits);
  HttpClient honest{port()};
  ASSERT_TRUE(honest.start_tls(session()));
  std::list<HttpClient> slow;
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back(port());
    ASSERT_TRUE(slow.back().send("\x16\x03\x01"));
  }
  EXPECT_TRUE(eventually([&] { return set_->failed_handshakes() >= 17; }));
  EXPECT_TRUE(honest.get("/"));
  HttpClient another{port()};
  EXPECT_TRUE(another.start_tls(session()));
  EXPECT_TRUE(another.get("/"));
}

TEST_F(SecuredConnection, PlainHttpIsToldWhatToSpeak) {
  serve({});
  HttpClient client{port()};
  const auto answer = client.get("/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_NE(answer->body.find("https-required"), std::string::npos);
}

TEST_F(SecuredConnection, SpeaksHttp11AndSaysSo) {
  serve({});
  HttpClient client{port()};
  auto offering = session();
  SSL_set_alpn_protos(offering.get(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  ASSERT_TRUE(client.start_tls(std::move(offering)));
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.tls(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  HttpClient modern{port()};
  auto insisting = session();
  SSL_set_alpn_protos(insisting.get(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  EXPECT_FALSE(modern.start_tls(std::move(insisting)));
}

TEST_F(SecuredConnection, RefusesOldVersionsAndWeakCiphers) {
  serve({});
  const auto outcome = [&](auto weaken) {
    HttpClient client{port()};
    auto offer = session();
    SSL_set_security_level(offer.get(), 0);
    weaken(offer.get());
    return client.start_tls(std::move(offer));
  };
  EXPECT_FALSE(
      outcome([](SSL* s) { SSL_set_min_proto_version(s, 0), SSL_set_max_proto_version(s, TLS1_1_VERSION); }));
  EXPECT_FALSE(outcome([](SSL* s) {
    SSL_set_max_proto_version(s, TLS1_2_VERSION);
    SSL_set_cipher_list(s, "ECDHE-ECDSA-AES128-SHA");
  }));
  EXPECT_TRUE(outcome([](SSL* s) { SSL_set_max_proto_version(s, TLS1_2_VERSION); }));
}

TEST_F(SecuredConnection, ResumesASessionByItsTicket) {
  serve({});
  HttpClient first{port()};
  ASSERT_TRUE(first.start_tls(session()));
  ASSERT_TRUE(first.get("/"));  // TLS 1.3 brings the ticket after the handshake
  auto* ticket = SSL_get1_session(first.tls());
  HttpClient second{port()};
  auto resuming = session();
  SSL_set_session(resuming.get(), ticket);
  SSL_SESSION_free(ticket);
  ASSERT_TRUE(second.start_tls(std::move(resuming)));
  EXPECT_EQ(SSL_session_reused(second.tls()), 1);
  EXPECT_TRUE(second.get("/"));
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
