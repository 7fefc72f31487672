#include "operator/k8s/time.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsWrittenAsTheApiWritesIt) {
  const std::chrono::system_clock::time_point when{1795246200s + 42us};
  EXPECT_EQ(time_text(when), "2026-11-21T07:30:00Z");
  EXPECT_EQ(micro_time(when), "2026-11-21T07:30:00.000042Z");
  EXPECT_EQ(micro_time(std::chrono::system_clock::time_point{}), "1970-01-01T00:00:00.000000Z");
}

TEST(Time, IsReadInBothForms) {
  const auto when = std::chrono::system_clock::from_time_t(1'795'246'200);
  EXPECT_EQ(parse_time(time_text(when)), when);
  EXPECT_EQ(parse_time(micro_time(when + std::chrono::microseconds{123})), when);
}

TEST(Time, IsNothingInAnyOtherForm) {
  for (const char* text : {"", "now", "2026-11-21", "2026-11-21T07:30:00", "2026-11-21T07:30:00+01:00",
                           "2026-11-21T07:30:00.", "2026-11-21T07:30:00 Z", "2026-13-21T07:30:00Z"})
    EXPECT_FALSE(parse_time(text)) << text;
}

}  // namespace
}  // namespace promptsales::k8s
