#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "controllers/promptsales/settings_in_force.hpp"
#include "controllers/promptsales/setup.hpp"
#include "operator/runtime/controller.hpp"
#include "tests/integration/support/api_server.hpp"

namespace promptsales::testing {

/// A wall clock that a test moves by days, over the machine's own: deadlines and back-off go on as ever.
class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return machine_.now(); }
  [[nodiscard]] WallTime wall() const override { return machine_.wall() + std::chrono::seconds{shift_}; }
  void advance(std::chrono::seconds by) { shift_ += by.count(); }

 private:
  SystemClock machine_;
  std::atomic<std::int64_t> shift_ = 0;
};

/// The operator's parts in the test's own process, as main.cpp has them but without a lease: for what takes
/// months. Works on the namespace of `server` until it is destroyed; several one after the other are
/// restarts.
class OperatorInProcess {
 public:
  OperatorInProcess(ApiServer& server, const Clock& clock);
  ~OperatorInProcess();
  OperatorInProcess(const OperatorInProcess&) = delete;
  OperatorInProcess& operator=(const OperatorInProcess&) = delete;

  /// Makes it look at a resource: what it would do by itself when the time that it waits for has come.
  void look_at(const std::string& name);
  [[nodiscard]] std::string metrics() const { return metrics_.exposition(); }

 private:
  ApiServer& server_;
  runtime::Metrics metrics_;
  std::unique_ptr<client::Transport> transport_;
  client::Client client_;
  runtime::EventRecorder events_;
  controllers::SettingsInForce settings_;
  controllers::Setup setup_;
};

}  // namespace promptsales::testing
