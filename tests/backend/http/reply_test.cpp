#include "backend/http/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "backend/http/date.hpp"
#include "backend/http/problem.hpp"
#include "backend/http/route_match.hpp"

namespace promptsales::backend {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string bytes_of(const Reply& reply, const ReplyFraming& framing) {
  std::string out;
  append_reply(out, reply, framing);
  return out;
}

TEST(Reply, HasLengthTypeDateAndSecurityFields) {
  const auto out = bytes_of({.body = "{}"}, {.date = "today"});
  EXPECT_THAT(out, StartsWith("HTTP/1.1 200 OK\r\nDate: today\r\n"));
  EXPECT_THAT(out, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(out, HasSubstr("Strict-Transport-Security: "));
  EXPECT_THAT(out, EndsWith("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));
  EXPECT_THAT(out, Not(HasSubstr("Connection:")));
}

TEST(Reply, SaysWhenTheConnectionEnds) {
  EXPECT_THAT(bytes_of({}, {.keep_alive = false, .date = ""}), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(Reply, ToHeadHasTheLengthButNotTheBody) {
  EXPECT_THAT(bytes_of({.body = "{}"}, {.head_only = true, .date = ""}),
              EndsWith("Content-Length: 2\r\n\r\n"));
}

TEST(Reply, NotModifiedHasNoBody) {
  EXPECT_THAT(bytes_of({.status = 304, .body = "x"}, {.date = ""}), Not(HasSubstr("Content-Length")));
}

TEST(Problem, IsRfc9457WithThePathOfEachFault) {
  const auto reply = invalid_fields({{"#/name", "is required"}, {"#/budget/currency", "must \"be\""}});
  const auto json = nlohmann::json::parse(reply.body);
  EXPECT_EQ(reply.status, 422U);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_EQ(json["type"], "urn:promptsales:problem:invalid-fields");
  EXPECT_EQ(json["status"], 422);
  EXPECT_EQ(json["errors"][1]["pointer"], "#/budget/currency");
  EXPECT_EQ(json["errors"][1]["detail"], "must \"be\"");
}

TEST(Problem, UnavailableSaysWhenToComeBack) {
  EXPECT_EQ(unavailable("x").status, 503U);
  EXPECT_THAT(unavailable("x").fields, HasSubstr("Retry-After: "));
}

TEST(RouteMatch, TakesOneSegment) {
  EXPECT_EQ(match_path("/v1/campaigns", "/v1/campaigns"), "");
  EXPECT_EQ(match_path("/v1/campaigns/{id}", "/v1/campaigns/7"), "7");
  EXPECT_EQ(match_path("/v1/campaigns/{id}/approve", "/v1/campaigns/7/approve"), "7");
}

TEST(RouteMatch, NearMissesDoNotMatch) {
  for (const auto* path :
       {"", "/", "/v1/campaigns/", "/v1/campaigns/7/", "/v1/campaigns/7/x", "/v1/campaign/7"})
    EXPECT_FALSE(match_path("/v1/campaigns/{id}", path)) << path;
  EXPECT_FALSE(match_path("/v1/campaigns", "/v1/campaigns/"));
  EXPECT_FALSE(match_path("/v1/campaigns/{id}/approve", "/v1/campaigns/approve"));
}

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {}; }
  [[nodiscard]] WallTime wall() const override { return wall_time; }
  WallTime wall_time{};
};

TEST(HttpDate, IsImfFixdateAndFollowsTheClock) {
  FixedClock clock;
  HttpDate date{clock};
  clock.wall_time =
      Clock::WallTime{std::chrono::seconds{784111777}};  // the example of RFC 9110, section 5.6.7
  EXPECT_EQ(date.now(), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.wall_time += std::chrono::seconds{1};
  EXPECT_EQ(date.now(), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace promptsales::backend
