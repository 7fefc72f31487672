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

}  // namespace
}  // namespace promptsales::k8s
