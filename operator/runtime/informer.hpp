#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "operator/client/client.hpp"
#include "operator/runtime/store.hpp"

namespace promptsales::runtime {

/// What an informer watches and keeps.
struct InformerConfig {
  const k8s::Kind& kind;
  k8s::Selection selection;
  k8s::Keep keep;
  /// Objects of other names pass by without a trace. Empty: all are kept. Runs on the informer's thread.
  std::function<bool(const k8s::ObjectKey&)> wanted{};
};

/// How an informer is doing. Shown on /readyz and /metrics, so that one missing permission is visible at
/// once.
struct InformerStatus {
  enum class State {
    kConnecting,  ///< nothing known yet, or between two watches
    kListing,     ///< receiving the objects that exist
    kWatching,    ///< in step with the server; after trouble only once it has sent something
    kForbidden,   ///< the server refuses (RBAC)
    kMissing,     ///< the server does not know the kind (CRD not installed)
    kFailing,     ///< anything else
  };
  State state = State::kConnecting;
  bool synced = false;  ///< the store has been complete at least once
  /// kForbidden, kMissing or kFailing since it was last in step, also while it tries again; else nothing.
  std::optional<State> trouble{};
  std::string last_error;  ///< of the trouble, empty when watching
};
[[nodiscard]] std::string_view to_string(InformerStatus::State state);

/// Keeps a Store in step with the server, for ever, on a thread of its own.
///
/// Start    by WatchList, or where the server refuses that by a paged list and a watch from its version.
/// Resume   from the last version after a clean end or silence; a list again only after 410, or when the kind
///          was missing.
/// Silence  75 s without event or bookmark replaces the watch. 10 s while the initial events come: then this list
///          is asked for in pages, and the informer is in trouble until they have come.
/// Failure  back-off per informer, reset by the first event or bookmark. One informer that cannot work does
///          not hold up the others.
/// Threads  handlers run on the informer's thread and must not block; the rest may be called from any thread.
class Informer {
 public:
  using OnChange = std::function<void(const Store::Change&, bool initial)>;
  /// Called when `state` or `synced` changed.
  using OnStatus = std::function<void(const Informer&, const InformerStatus&)>;

  Informer(InformerConfig config, client::Client& client, const Clock& clock);

  /// Both before start().
  void on_change(OnChange handler) { on_change_ = std::move(handler); }
  void on_status(OnStatus handler) { on_status_ = std::move(handler); }

  void start();
  /// Returns when the thread has ended; within milliseconds.
  void stop();

  [[nodiscard]] const k8s::Kind& kind() const { return config_.kind; }
  /// "services", "secrets (metadata)": as metrics and /readyz name it.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const k8s::Keep& keep() const { return config_.keep; }
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] InformerStatus status() const;

 private:
  void run(std::stop_token stop);
  [[nodiscard]] Result<void> step(std::stop_token stop);
  [[nodiscard]] Result<void> start_by_watch_list(std::stop_token stop);
  [[nodiscard]] Result<void> start_by_list(std::stop_token stop);
  [[nodiscard]] Result<void> follow(std::stop_token stop);
  [[nodiscard]] client::Silence silence_limit() const;
  [[nodiscard]] bool is_wanted(const k8s::ProjectionPtr& object) const {
    return !config_.wanted || config_.wanted(object->key);
  }
  /// False ends the watch; `failed` then says why.
  [[nodiscard]] bool handle(const k8s::WatchEvent& event, Result<void>& failed);
  void list_is_complete(const std::string& version);
  void tell(const Store::Change& change, bool initial) const noexcept;
  void recover_from(const Error& error);
  void set_state(InformerStatus::State state, std::string last_error = "");
  void log_trouble(const InformerStatus& now) const;
  [[nodiscard]] std::chrono::seconds random_timeout();

  const InformerConfig config_;
  client::Client& client_;
  const Clock& clock_;
  OnChange on_change_ = [](const auto&, bool) {};
  OnStatus on_status_ = [](const auto&, const auto&) {};
  Store store_;
  Guarded<InformerStatus> status_;

  // Own thread only.
  std::string version_;           ///< to resume from; empty: a complete list is needed
  bool listing_ = false;          ///< between begin_list and end_list
  bool watch_list_works_ = true;  ///< until the server has refused it
  std::chrono::milliseconds delay_{0};
  InformerStatus told_;  ///< what on_status_ was last told
  std::minstd_rand random_{std::random_device{}()};

  std::jthread thread_;  ///< last member: ends before what it uses
};

}  // namespace promptsales::runtime
