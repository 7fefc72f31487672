#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "operator/runtime/admin_server.hpp"
#include "operator/runtime/controller.hpp"
#include "operator/runtime/event_recorder.hpp"
#include "operator/runtime/informer.hpp"
#include "operator/runtime/leader.hpp"
#include "operator/runtime/optional_informers.hpp"

namespace promptsales::runtime {

/// Starts the parts of an operator in order and stops them in the reverse one.
///
/// Start  admin server → event recorder → informers → (a cache for every kind, or the reason why not) →
///        leader election → controller. A standby has warm caches: it only waits for the Lease.
/// Stop   leader election, whose end stops the controller's workers and then gives the Lease back →
///        informers → event recorder, which writes what is queued → admin server.
class Manager {
 public:
  struct Parts {
    AdminServer& admin;
    EventRecorder& events;
    std::vector<Informer*> informers;  ///< the first is the one whose objects are reconciled
    OptionalInformers& optional;       ///< start when they are needed; nothing waits for them
    Controller& controller;
    LeaderElection* leader;  ///< null: no election, this process is alone
    Metrics& metrics;
    /// What else /readyz says, in whole lines.
    std::function<std::string()> details = [] { return std::string{}; };
  };

  explicit Manager(Parts parts);

  /// Serves until `stop` is requested; then stops everything and returns.
  /// Errors   the admin server's address cannot be used. Nothing is left running then.
  [[nodiscard]] Result<void> run(const std::string& admin_address, std::stop_token stop);

  /// An informer's state has changed. Called by whoever set the informers' handlers.
  void informer_changed();

 private:
  void add_admin_routes();
  [[nodiscard]] AdminAnswer readiness() const;
  void for_each_informer(const std::function<void(const Informer&)>& visit) const;
  void wait_for_caches(std::stop_token stop);
  void wait_for_end(std::stop_token stop);
  void lead();
  void start_leading();
  void stop_leading();

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

}  // namespace promptsales::runtime
