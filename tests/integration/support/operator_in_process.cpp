#include "tests/integration/support/operator_in_process.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace promptsales::testing {

OperatorInProcess::OperatorInProcess(ApiServer& server, const Clock& clock)
    : server_(server),
      transport_(client::make_transport(config(), server.clock()).value()),
      client_(*transport_),
      events_(client_, "test", clock),
      informers_(controllers::make_informers(client_, server.ns(), clock)),
      optional_(client_, server.ns(), clock),
      referenced_(client_, optional_, references_) {
  for (const auto& informer : informers_) caches_.add(*informer);
  controllers::declare_optional(optional_);
  caches_.serve_optional(optional_);
  reconciler_ = std::make_unique<controllers::Reconciler>(
      controllers::Reconciler::Parts{.client = client_,
                                     .caches = caches_,
                                     .references = references_,
                                     .referenced = referenced_,
                                     .optional = optional_,
                                     .events = events_,
                                     .metrics = metrics_,
                                     .clock = clock,
                                     .settings = settings_,
                                     .may_write = [] { return true; },
                                     .images = {"registry.example/backend:1", "registry.example/postgres:1",
                                                "registry.example/valkey:1", "registry.example/nats:1"}});
  controller_ = std::make_unique<runtime::Controller>(
      [this](const auto& key, auto stop) { return reconciler_->reconcile(key, stop); }, /*workers=*/2, clock,
      metrics_);
  controllers::connect(informers_, {optional_, references_, referenced_}, caches_, controller_->queue(),
                       events_, *reconciler_, [] { return true; });
  events_.start();
  for (const auto& informer : informers_) informer->start();
  EXPECT_TRUE(eventually([&] {
    return std::ranges::all_of(informers_, [](const auto& each) { return each->status().synced; });
  }));
  controller_->start();
}

OperatorInProcess::~OperatorInProcess() {
  controller_->stop();
  for (const auto& informer : informers_) informer->stop();
  optional_.stop();
  events_.stop();
}

void OperatorInProcess::look_at(const std::string& name) {
  controller_->queue().add({server_.ns(), name}, runtime::Priority::kUserChange);
}

}  // namespace promptsales::testing
