#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "operator/runtime/informer.hpp"

namespace promptsales::runtime {

/// Watches that begin when a resource first needs them: of kinds that not every cluster serves, or that only
/// some resources refer to. Who needs none has no thread and no request for them.
///
/// A declared kind may leave its version open: it is looked for once (k8s/discovery.hpp). A kind that
/// the server does not serve, or that the operator may not watch, is tried again at most 30 s later, for
/// ever: when its CustomResourceDefinition or the permission appears, it is found without a restart.
///
/// Threads  declare() and on_start() before the first demand(); the rest any. demand() and named() may ask
/// the
///          server, 15 s at most.
/// Not      ended when nobody needs them any more: an operator that was restarted starts none of them again.
class OptionalInformers {
 public:
  /// `ns`: the namespace to watch; empty: all.
  OptionalInformers(client::Client& client, std::string ns, const Clock& clock);
  ~OptionalInformers() { stop(); }

  /// A kind that may be demanded. The configuration's namespace is set here.
  void declare(InformerConfig config);
  /// Called with each informer before its thread starts, to set its handlers. Must not call back.
  void on_start(std::function<void(const k8s::Kind& declared, Informer&)> prepare) {
    prepare_ = std::move(prepare);
  }

  [[nodiscard]] bool is_declared(const k8s::Kind& kind) const;
  /// The informer of a declared kind, which starts if this is the first demand. It may not be synced yet.
  ///
  /// Errors   ProviderAPIMissing for a version that was left open and a group that is not served:
  ///          kWaitForChange, with the time after which to look again; failures of the transport.
  [[nodiscard]] Result<Informer*> demand(const k8s::Kind& kind);
  /// The declared kind of this name, for kinds that a user names; declares it, with `keep`, if it is new. The
  /// reference stays valid.
  ///
  /// Errors   as demand().
  [[nodiscard]] Result<const k8s::Kind*> named(std::string_view api_version, std::string_view kind,
                                               const k8s::Keep& keep);

  /// The informer of a kind that was demanded, else nullptr.
  [[nodiscard]] Informer* started(const k8s::Kind& kind) const;
  /// A declared kind with the version that the server was found to prefer; itself before that.
  [[nodiscard]] const k8s::Kind& as_served(const k8s::Kind& kind) const;
  void for_each_started(const std::function<void(const Informer&)>& visit) const;

  /// Ends all, within milliseconds; a later demand fails.
  void stop();

 private:
  /// What discovery said of a kind, remembered: success for ever, failure for a while.
  struct Discovered {
    std::optional<k8s::ServedKind> names;
    std::optional<k8s::Kind> kind;  ///< points into names
    std::optional<Error> error;
    Clock::Instant asked{};
  };
  struct Entry {
    InformerConfig config;
    Discovered discovered;  ///< of a kind whose version was left open
    std::unique_ptr<Informer> informer;
  };

  [[nodiscard]] Result<void> discover(Discovered& into, std::string_view group, std::string_view version,
                                      std::string_view kind);
  [[nodiscard]] Entry* find(const k8s::Kind& kind) const;  // with mutex_ held

  client::Client& client_;
  const std::string ns_;
  const Clock& clock_;
  std::function<void(const k8s::Kind&, Informer&)> prepare_ = [](const auto&, auto&) {};

  std::mutex asking_;  ///< one question to the server at a time; taken before mutex_, guards the Discovered
  mutable std::mutex mutex_;  ///< guards the maps and what is in them but the Discovered
  std::map<const k8s::Kind*, std::unique_ptr<Entry>> entries_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Discovered>> named_;
  bool stopped_ = false;
};

}  // namespace promptsales::runtime
