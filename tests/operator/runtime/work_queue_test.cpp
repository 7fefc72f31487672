#include "operator/runtime/work_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/fake_clock.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using Key = k8s::ObjectKey;

const Key kA{"shop", "a"};
const Key kB{"shop", "b"};
const Key kC{"shop", "c"};

class WorkQueueTest : public ::testing::Test {
 protected:
  /// The next key if one is ready now; does not wait.
  std::optional<Key> take_now() {
    std::stop_source stop;
    std::optional<Key> key;
    queue.add(probe_, Priority::kInitial);  // behind everything: if it comes, nothing else was ready
    key = queue.take(stop.get_token());
    if (key == probe_) {
      queue.done(probe_);
      return std::nullopt;
    }
    // Take the probe out again.
    std::vector<Key> others;
    for (auto other = queue.take(stop.get_token()); other != probe_; other = queue.take(stop.get_token()))
      others.push_back(*other);
    queue.done(probe_);
    for (const auto& other : others) {
      queue.add(other, Priority::kChild);
      queue.done(other);
    }
    return key;
  }

  testing::FakeClock clock;
  WorkQueue queue{clock, /*seed=*/1};

 private:
  const Key probe_{"", "probe"};
};

TEST_F(WorkQueueTest, GivesAKeyOnceHoweverOftenItIsAdded) {
  for (int i = 0; i < 5; ++i) queue.add(kA, Priority::kChild);
  EXPECT_EQ(queue.depth(), 1U);
  EXPECT_EQ(queue.take({}), kA);
  EXPECT_EQ(queue.depth(), 0U);
}

TEST_F(WorkQueueTest, NeverGivesAKeyThatIsBeingWorkedOn) {
  queue.add(kA, Priority::kChild);
  ASSERT_EQ(queue.take({}), kA);
  queue.add(kA, Priority::kUserChange);
  EXPECT_EQ(queue.depth(), 0U) << "it waits for done()";
  queue.done(kA);
  EXPECT_EQ(queue.take({}), kA);
  queue.done(kA);
  EXPECT_EQ(queue.depth(), 0U);
}

TEST_F(WorkQueueTest, PrefersWhatAPersonIsWaitingFor) {
  queue.add(kA, Priority::kInitial);
  queue.add(kB, Priority::kChild);
  queue.add(kC, Priority::kUserChange);
  EXPECT_EQ(queue.take({}), kC);
  EXPECT_EQ(queue.take({}), kB);
  EXPECT_EQ(queue.take({}), kA);
}

TEST_F(WorkQueueTest, LetsNoPriorityStarve) {
  queue.add(kA, Priority::kInitial);
  clock.advance(1s);
  int taken_before_a = 0;
  for (int i = 0; i < 10; ++i) {
    const Key busy{"shop", "busy" + std::to_string(i)};
    queue.add(busy, Priority::kUserChange);
    if (queue.take({}) == kA) break;
    ++taken_before_a;
  }
  EXPECT_LE(taken_before_a, 3) << "every fourth key is the oldest";
}

TEST_F(WorkQueueTest, HoldsADelayedKeyBackUntilItsTime) {
  queue.add_after(kA, 10s);
  EXPECT_EQ(take_now(), std::nullopt);
  clock.advance(10s);
  EXPECT_EQ(take_now(), kA);
}

TEST_F(WorkQueueTest, AnEventBringsADelayedKeyForward) {
  queue.add_after(kA, 1h);
  queue.add(kA, Priority::kChild);
  EXPECT_EQ(take_now(), kA);
  queue.done(kA);
  clock.advance(2h);
  EXPECT_EQ(take_now(), std::nullopt) << "the delayed entry is gone with it";
}

TEST_F(WorkQueueTest, AnEventShortensABackOffButNeverToNothing) {
  queue.add(kA, Priority::kChild);
  ASSERT_EQ(queue.take({}), kA);
  queue.add_failed(kA, 40s);
  queue.done(kA);
  queue.add(kA, Priority::kUserChange);
  EXPECT_EQ(take_now(), std::nullopt) << "a hot failing key must not escape its back-off";
  clock.advance(40s);
  EXPECT_EQ(take_now(), kA);
}

TEST_F(WorkQueueTest, GrowsTheBackOffAndResetsItAfterASuccess) {
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 40; ++i) {
    queue.add_failed(kA);
    std::chrono::milliseconds waited{0};
    while (take_now() != kA) {
      clock.advance(50ms);
      waited += 50ms;
      ASSERT_LE(waited, 6min);
    }
    queue.done(kA);
    longest = std::max(longest, waited);
  }
  EXPECT_GT(longest, 1min);
  queue.forget(kA);
  queue.add_failed(kA);
  clock.advance(100ms);
  EXPECT_EQ(take_now(), kA) << "the first delay is at most 100 ms again";
}

TEST_F(WorkQueueTest, AStopRequestWakesAWaitingWorker) {
  std::optional<Key> taken = kA;
  std::jthread worker([&](std::stop_token stop) { taken = queue.take(stop); });
  worker.request_stop();
  worker.join();
  EXPECT_EQ(taken, std::nullopt);
}

TEST_F(WorkQueueTest, ManyWorkersNeverHoldOneKeyAtOnce) {
  SystemClock real;
  WorkQueue shared{real};
  std::atomic<int> in_work = 0, worst = 0, done = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&](std::stop_token stop) {
        while (const auto key = shared.take(stop)) {
          worst = std::max(worst.load(), ++in_work);
          --in_work;
          ++done;
          shared.done(*key);
        }
      });
    for (int i = 0; i < 2000; ++i) shared.add(kA, Priority::kChild);
    while (shared.depth() > 0 || done == 0) std::this_thread::yield();
  }
  EXPECT_EQ(worst, 1);
  EXPECT_GE(done, 1);
}

}  // namespace
}  // namespace promptsales::runtime
