#include "operator/runtime/controller.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::runtime {
namespace {

const k8s::ObjectKey kShop{"shop", "demo"};

/// A controller whose reconciles give the results of a list, one after the other, and what it logs.
class AController : public ::testing::Test {
 protected:
  ~AController() override { spdlog::set_default_logger(former_); }

  /// Lets one reconcile end with each of these, and returns what was logged meanwhile.
  std::string log_of(const std::vector<Result<Next>>& results) {
    std::ostringstream log;
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    std::size_t at = 0;
    Controller controller{[&](const k8s::ObjectKey& key, std::stop_token) {
                            const auto result = results.at(at++);
                            if (at < results.size()) controller.queue().add(key, Priority::kChild);
                            return result;
                          },
                          /*workers=*/1, clock_, metrics_};
    controller.queue().add(kShop, Priority::kChild);
    controller.start();
    EXPECT_TRUE(eventually([&] { return controller.reconciles() == results.size(); }));
    controller.stop();
    return log.str();
  }

 private:
  const std::shared_ptr<spdlog::logger> former_ = spdlog::default_logger();
  testing::FakeClock clock_;
  Metrics metrics_;
};

Result<Next> waits_for(const std::string& what) { return failure(Remedy::kWaitForChange, "Waiting", what); }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(AController, SaysOnceWhatAResourceWaitsFor) {
  const auto log = log_of({waits_for("a Secret"), waits_for("a Secret"), waits_for("a Secret")});
  EXPECT_EQ(count(log, "PromptSales shop/demo: Waiting: a Secret"), 1) << log;
}

TEST_F(AController, SaysItAgainWhenItWaitsForSomethingElseOrHasWaitedForNothingInBetween) {
  const auto log = log_of({waits_for("a Secret"), waits_for("a Job"), waits_for("a Secret"), Next::on_event(),
                           waits_for("a Secret")});
  EXPECT_EQ(count(log, "Waiting: a Secret"), 3) << log;
  EXPECT_EQ(count(log, "Waiting: a Job"), 1) << log;
}

}  // namespace
}  // namespace promptsales::runtime
