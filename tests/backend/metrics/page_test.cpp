#include "backend/metrics/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::vector<RouteLabels> kRoutes{{"GET", "/a/{id}"}};

TEST(MetricsPage, SumsTheLoops) {
  RequestMetrics one{1};
  RequestMetrics two{1};
  const CacheCounts counts;
  for (auto* loop : {&one, &two}) {
    loop->started();
    loop->record(0, 200, 150ms);
  }
  one.started();
  one.record(1, 418, 1ms);
  const std::vector<LoopMetrics> loops{{&one, &counts, 3}, {&two, &counts, 4}};
  const auto page = metrics_page(kRoutes, loops, Health{});
  const std::string labels =
      R"(http_request_method="GET",http_response_status_code="200",http_route="/a/{id}",url_scheme="http")";
  EXPECT_THAT(page, HasSubstr("http_server_request_duration_seconds_count{" + labels + "} 2"));
  EXPECT_THAT(page, HasSubstr("http_server_request_duration_seconds_bucket{" + labels + ",le=\"0.1\"} 0"));
  EXPECT_THAT(page, HasSubstr("http_server_request_duration_seconds_bucket{" + labels + ",le=\"0.2\"} 2"));
  EXPECT_THAT(page, HasSubstr("http_server_request_duration_seconds_bucket{" + labels + ",le=\"+Inf\"} 2"));
  EXPECT_THAT(page, HasSubstr(R"(http_request_method="_OTHER",http_response_status_code="0",http_route="")"));
  EXPECT_THAT(page, HasSubstr("promptsales_http_connections 7"));
}

TEST(Histogram, ABoundBelongsToTheBucketBelowIt) {
  Histogram histogram;
  histogram.add(1ms);
  histogram.add(1ms + 1ns);
  histogram.add(1h);
  EXPECT_EQ(histogram.bucket(0), 1U);
  EXPECT_EQ(histogram.bucket(1), 1U);
  EXPECT_EQ(histogram.bucket(kDurationBounds.size()), 1U);
  EXPECT_EQ(histogram.count(), 3U);
}

}  // namespace
}  // namespace promptsales::backend
