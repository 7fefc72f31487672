#include "operator/runtime/leader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "operator/client/transport.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using k8s::Json;
using ::testing::HasSubstr;

constexpr std::chrono::milliseconds kPatience = 10s;  ///< less than the 15 s that a Lease of ours lasts

/// An API server that has one Lease, and replicas of somebody else that hold it as the test says.
class LeaseServer final : public client::Transport {
 public:
  bool may_watch = true;
  bool has_namespace = true;

  /// Writes the Lease, as another replica does.
  void held_by(const std::string& holder, int seconds = 15) {
    std::lock_guard lock(mutex_);
    lease_ = {{"metadata", {{"name", "operator"}, {"namespace", "system"}}},
              {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", seconds}}}};
    changed();
  }
  std::string holder() {
    std::lock_guard lock(mutex_);
    return k8s::string_at(lease_, {"spec", "holderIdentity"});
  }
  /// Waits until the Lease is held by this one. False if it is not in time.
  bool becomes_held_by(const std::string& who, std::chrono::milliseconds time = kPatience) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, time, [&] {
      return k8s::string_at(lease_, {"spec", "holderIdentity"}) == who;
    });
  }
  /// Waits until somebody watches, and has seen the Lease as it is.
  bool is_watched() {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, kPatience, [&] { return watched_ == version_; });
  }
  /// Waits until the Lease was looked at so often.
  bool is_looked_at(int times) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, kPatience, [&] { return looks_ >= times; });
  }
  int looks() {
    std::lock_guard lock(mutex_);
    return looks_;
  }

  Result<HttpResponse> send(const HttpRequest& request, std::chrono::milliseconds) override {
    std::lock_guard lock(mutex_);
    if (request.method == "GET") {
      ++looks_;
      news_.notify_all();
      return lease_.is_null() ? refuse(404, "NotFound", "leases \"operator\" not found")
                              : HttpResponse{200, lease_.dump()};
    }
    if (!has_namespace) return refuse(404, "NotFound", "namespaces \"system\" not found");
    const Json written = Json::parse(request.body);
    const std::string version = k8s::string_at(written, {"metadata", "resourceVersion"});
    if (version != (lease_.is_null() ? "" : std::to_string(version_)))
      return refuse(409, "Conflict", "the object has been modified");
    lease_ = written;
    changed();
    return HttpResponse{200, lease_.dump()};
  }

  Result<HttpResponse> stream(const HttpRequest& request, const client::Silence& silence,
                              std::stop_token stop, const OnBytes& on_bytes) override {
    EXPECT_THAT(request.target, HasSubstr("fieldSelector=metadata.name%3Doperator"));
    std::unique_lock lock(mutex_);
    if (!may_watch) return refuse(403, "Forbidden", "cannot watch leases");
    const auto from = request.target.find("resourceVersion=") + 16;
    int seen = std::atoi(request.target.substr(from).c_str());
    for (;;) {
      watched_ = seen;
      news_.notify_all();
      if (!news_.wait_for(lock, stop, silence(), [&] { return seen != version_; })) {
        if (stop.stop_requested()) return failure(Remedy::kShutDown, "Stopped", "stopped");
        return failure(Remedy::kRetryWithBackoff, "DeadlineExceeded", "silence");
      }
      seen = version_;
      const std::string line = Json{{"type", "MODIFIED"}, {"object", lease_}}.dump() + "\n";
      lock.unlock();
      if (!on_bytes(line)) return HttpResponse{200, ""};
      lock.lock();
    }
  }

 private:
  static HttpResponse refuse(int code, const char* reason, const char* message) {
    return {code, Json{{"kind", "Status"}, {"reason", reason}, {"message", message}}.dump()};
  }
  void changed() {
    lease_["metadata"]["resourceVersion"] = std::to_string(++version_);
    news_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable_any news_;
  Json lease_;
  int version_ = 0, watched_ = 0, looks_ = 0;
};

class Election : public ::testing::Test {
 protected:
  ~Election() override { election.stop(); }
  void start() {
    election.start({.started = [] {}, .stopped = [] {}});
  }

  LeaseServer server;
  client::Client client{server};
  SystemClock clock;
  LeaderElection election{client, {"system", "operator"}, "us", {}, clock};
};

TEST_F(Election, TakesALeaseThatNobodyHolds) {
  start();
  EXPECT_TRUE(server.becomes_held_by("us"));
  EXPECT_TRUE(eventually([&] { return election.leading() && election.may_write(); }));
}

TEST_F(Election, WatchesTheLeaseOfAnotherAndAsksForNothingElse) {
  server.held_by("another");
  start();
  for (int renewal = 0; renewal < 20; ++renewal) {
    ASSERT_TRUE(server.is_watched());
    server.held_by("another");
  }
  ASSERT_TRUE(server.is_watched());
  EXPECT_EQ(server.looks(), 1);
  EXPECT_FALSE(election.leading());
  EXPECT_EQ(election.trouble().message, "");
}

// Without the watch it would look again after a second.
TEST_F(Election, TakesOverSoonerThanByLookingWhenTheLeaseIsGivenBack) {
  server.held_by("another");
  start();
  for (int renewal = 0; renewal < 3; ++renewal) {
    ASSERT_TRUE(server.is_watched());
    server.held_by("another");
  }
  ASSERT_TRUE(server.is_watched());
  server.held_by("");
  EXPECT_TRUE(server.becomes_held_by("us", 900ms));
}

TEST_F(Election, TakesOverWhenTheHolderIsSilentForTheDurationOfItsLease) {
  server.held_by("another", 1);
  const auto begun = std::chrono::steady_clock::now();
  start();
  ASSERT_TRUE(server.becomes_held_by("us"));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 1s);
}

TEST_F(Election, LooksAtALeaseThatItMayNotWatch) {
  server.may_watch = false;
  server.held_by("another");
  start();
  ASSERT_TRUE(server.is_looked_at(2));
  EXPECT_EQ(election.trouble().message, "") << "it can still take over";
  server.held_by("");
  EXPECT_TRUE(server.becomes_held_by("us"));
}

TEST_F(Election, GivesTheLeaseBackWhenItEnds) {
  start();
  ASSERT_TRUE(eventually([&] { return election.leading(); }));
  election.stop();
  EXPECT_EQ(server.holder(), "");
}

TEST_F(Election, SaysWhyItCanHaveNoLease) {
  server.has_namespace = false;
  start();
  ASSERT_TRUE(eventually([&] { return !election.trouble().message.empty(); }));
  EXPECT_THAT(election.trouble().message, HasSubstr("kubectl create namespace system"));
  EXPECT_TRUE(election.trouble().answered);
}

}  // namespace
}  // namespace promptsales::runtime
