// When an operator begins to work.

#include "operator/runtime/manager.hpp"

#include <gtest/gtest.h>

#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/streaming_transport.hpp"

namespace promptsales::runtime {
namespace {

TEST(AManager, DoesNotWaitForAKindWhoseListDoesNotCome) {
  const testing::FakeClock clock;
  testing::StreamingTransport far;
  client::Client client{far};
  Informer silent{{k8s::kinds::kService, {}, {}}, client, clock};
  AdminServer admin;
  EventRecorder events{client, "a test", clock};
  OptionalInformers optional{client, "", clock};
  Metrics metrics;
  Controller controller{[](const auto&, std::stop_token) { return Next::on_event(); }, 1, clock, metrics};
  controller.queue().add({"shop", "demo"}, Priority::kInitial);
  Manager manager{{.admin = admin,
                   .events = events,
                   .informers = {&silent},
                   .optional = optional,
                   .controller = controller,
                   .leader = nullptr,
                   .metrics = metrics}};
  silent.on_status([&](const auto&, const auto&) { manager.informer_changed(); });
  far.falls_silent();  // and the pages that are asked for then do not come either

  std::jthread run{[&](std::stop_token stop) { EXPECT_TRUE(manager.run("127.0.0.1:0", stop)); }};
  EXPECT_TRUE(eventually([&] { return controller.reconciles() == 1; }));
}

}  // namespace
}  // namespace promptsales::runtime
