#include "backend/net/spawn.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

TEST(Spawn, RunsWhatNobodyWaitsFor) {
  asio::io_context loop{1};
  bool has_run = false;
  spawn(loop, [](bool& done) -> asio::awaitable<void> {
    done = true;
    co_return;
  }(has_run));
  loop.run();
  EXPECT_TRUE(has_run);
}

TEST(SpawnDeathTest, EndsTheProcessWhenItThrows) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        asio::io_context loop{1};
        spawn(loop, []() -> asio::awaitable<void> {
          throw std::runtime_error{"no thread to be had"};
          co_return;
        }());
        loop.run();
      },
      ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace promptsales::backend
