#pragma once

#include <functional>
#include <optional>
#include <string>

#include "controllers/caches.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/status.hpp"
#include "controllers/promptsales/status_writer.hpp"
#include "operator/client/client.hpp"
#include "operator/runtime/controller.hpp"
#include "operator/runtime/event_recorder.hpp"

namespace promptsales::controllers {

/// Says what a pass has come to: looks at what the children are now, writes the status, and records an Event for
/// what has just become so.
///
/// Threads  any; at most one call at a time for one resource.
class PassReporter {
 public:
  struct Parts {
    client::Client& client;
    Caches& caches;
    runtime::EventRecorder& events;
    const Clock& clock;
    std::function<bool()> may_write;
  };
  explicit PassReporter(Parts parts);

  /// Returns when to look again, or the failure that the pass ended with, with the same in it.
  [[nodiscard]] Result<runtime::Next> write(Pass& pass, const Result<void>& outcome);
  void forget(const std::string& app_uid) { status_.forget(app_uid); }

 private:
  [[nodiscard]] Observed observe(const Pass& pass) const;
  [[nodiscard]] Readiness readiness_of(const Pass& pass, const Child& child, const k8s::ObjectKey& key,
                                       const Observed& observed) const;
  [[nodiscard]] Seen seen_in(const PassReport& report, const Pass& pass) const;
  [[nodiscard]] static std::optional<Readiness> absent_backend(const Pass& pass);
  [[nodiscard]] PassReport report(Pass& pass, const Result<void>& outcome) const;
  void tell(const Pass& pass, const StatusUpdate& update);
  void tell_of_certificate(const Pass& pass, const tls::Report& report);

  Parts parts_;
  StatusWriter status_;
};

}  // namespace promptsales::controllers
