#include "backend/http/parser.hpp"

#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

struct Parsed {
  Request request;
  std::optional<ParseFailure> failure;
  bool done = false;
  std::size_t taken = 0;
};

/// Presents the bytes in pieces of `step`, as a connection does: what is not taken comes again with more
/// behind it.
Parsed parse(std::string_view bytes, std::size_t step = 1 << 20) {
  Parsed parsed;
  const HttpLimits limits;
  RequestParser parser{parsed.request, limits};
  for (std::size_t end = 0; end < bytes.size() && !parser.done() && !parser.failure();) {
    end = std::min(bytes.size(), end + step);
    parsed.taken += parser.feed(bytes.substr(parsed.taken, end - parsed.taken));
  }
  parsed.failure = parser.failure();
  parsed.done = parser.done();
  return parsed;
}

constexpr std::string_view kPost =
    "POST /v1/campaigns?x=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nidempotency-KEY: k 1\r\n"
    "Content-Length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: "
    "v\r\n\r\n";

TEST(RequestParser, ReadsTheSameInEverySplit) {
  for (std::size_t step = 1; step <= kPost.size(); ++step) {
    const auto parsed = parse(kPost, step);
    ASSERT_TRUE(parsed.done) << step;
    EXPECT_EQ(parsed.taken, kPost.size());
    EXPECT_EQ(parsed.request.method, HttpVerb::post);
    EXPECT_EQ(parsed.request.path(), "/v1/campaigns");
    EXPECT_EQ(parsed.request.query(), "x=1");
    EXPECT_EQ(parsed.request.idempotency_key, "k 1");
    EXPECT_EQ(parsed.request.content_type, "application/json");
    EXPECT_EQ(parsed.request.body, "hello");
    EXPECT_TRUE(parsed.request.keep_alive);
  }
}

TEST(RequestParser, JoinsChunksInEverySplit) {
  for (std::size_t step = 1; step <= kChunked.size(); ++step) {
    const auto parsed = parse(kChunked, step);
    ASSERT_TRUE(parsed.done) << step;
    EXPECT_EQ(parsed.request.body, "hello");
    EXPECT_EQ(parsed.taken, kChunked.size());
  }
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  const auto parsed = parse("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n");
  EXPECT_TRUE(parsed.done);
  EXPECT_EQ(parsed.request.target, "/a");
  EXPECT_EQ(parsed.taken, 28U);
}

TEST(RequestParser, ConnectionCloseAndOldVersionsEndTheConnection) {
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").request.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
}

struct RefusalCase {
  const char* name;
  std::string bytes;
  unsigned status;
};
class Refusal : public testing::TestWithParam<RefusalCase> {};
TEST_P(Refusal, HasItsStatusInEverySplit) {
  for (const std::size_t step : {1UZ << 24, 1UZ, 2UZ, 7UZ, 24UZ, 36UZ, 40UZ}) {
    const auto parsed = parse(GetParam().bytes, step);
    EXPECT_FALSE(parsed.done);
    ASSERT_TRUE(parsed.failure);
    EXPECT_EQ(parsed.failure->status, GetParam().status);
  }
}
const std::string kPostLine = "POST / HTTP/1.1\r\nHost: a\r\n";
INSTANTIATE_TEST_SUITE_P(
    Requests, Refusal,
    testing::Values(
        RefusalCase{"Garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
        RefusalCase{"LengthThenCoding", kPostLine + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                    400},
        RefusalCase{"CodingThenLength", kPostLine + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                    400},
        RefusalCase{"ForeignCoding", kPostLine + "Transfer-Encoding: gzip\r\n\r\n", 501},
        RefusalCase{"ForeignCodingBeforeChunked", kPostLine + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                    501},
        RefusalCase{"ForeignCodingWithLength",
                    kPostLine + "Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\n", 400},
        RefusalCase{"CodingInOldVersion", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        RefusalCase{"TwoLengths", kPostLine + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
        RefusalCase{"LengthList", kPostLine + "Content-Length: 5, 5\r\n\r\n", 400},
        RefusalCase{"NegativeLength", kPostLine + "Content-Length: -5\r\n\r\n", 400},
        RefusalCase{"FoldedField", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400},
        RefusalCase{"FoldedFieldWithMoreBehindIt", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\nY: 1\r\n\r\n",
                    400},
        RefusalCase{"FoldedCoding", kPostLine + "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
        RefusalCase{"ManyFields",
                    [] {
                      std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
                      for (int i = 0; i < 100; ++i) head += "X: " + std::string(100, 'x') + "\r\n";
                      return head + "\r\n";
                    }(),
                    431},
        RefusalCase{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        RefusalCase{"TargetThatIsNoText", "GET /v1/campaigns?\xff=1 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        RefusalCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        RefusalCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        RefusalCase{"HttpTwo", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        RefusalCase{"LongHead", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x') + "\r\n\r\n",
                    431},
        RefusalCase{"LongTarget", "GET /" + std::string(9000, 'x'), 431},
        RefusalCase{"LargeBody", kPostLine + "Content-Length: 1048577\r\n\r\n", 413}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST(RequestParser, ABareLineFeedNeverMakesARequest) {
  const auto parsed = parse("GET / HTTP/1.1\nHost: a\n\n");
  EXPECT_FALSE(parsed.done);
}

TEST(RequestParser, ChunksTogetherMayNotPassTheLimit) {
  std::string bytes = kPostLine + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) bytes += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  const auto parsed = parse(bytes, 4096);
  ASSERT_TRUE(parsed.failure);
  EXPECT_EQ(parsed.failure->status, 413U);
}

TEST(RequestParser, TakesABodyOfExactlyTheLimit) {
  const auto parsed =
      parse(kPostLine + "Content-Length: 1048576\r\n\r\n" + std::string(1 << 20, 'x'), 10'000);
  EXPECT_TRUE(parsed.done);
  EXPECT_EQ(parsed.request.body.size(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace promptsales::backend
