#include "tests/integration/support/operator_in_process.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace promptsales::testing {

OperatorInProcess::OperatorInProcess(ApiServer& server, const Clock& clock)
    : server_(server),
      transport_(client::make_transport(config(), server.clock()).value()),
      client_(*transport_),
      events_(client_, "test", clock),
      setup_({.client = client_,
              .ns = server.ns(),
              .events = events_,
              .metrics = metrics_,
              .clock = clock,
              .settings = settings_,
              .may_write = [] { return true; },
              .images = {"registry.example/backend:1", "registry.example/postgres:1",
                         "registry.example/valkey:1", "registry.example/nats:1"},
              .workers = 2}) {
  events_.start();
  for (const auto& informer : setup_.informers()) informer->start();
  EXPECT_TRUE(eventually([&] {
    return std::ranges::all_of(setup_.informers(), [](const auto& each) { return each->status().synced; });
  }));
  setup_.controller().start();
}

OperatorInProcess::~OperatorInProcess() {
  setup_.controller().stop();
  for (const auto& informer : setup_.informers()) informer->stop();
  setup_.optional().stop();
  events_.stop();
}

void OperatorInProcess::look_at(const std::string& name) {
  setup_.controller().queue().add({server_.ns(), name}, runtime::Priority::kUserChange);
}

}  // namespace promptsales::testing
