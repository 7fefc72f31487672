#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "controllers/caches.hpp"
#include "controllers/promptsales/types.hpp"
#include "operator/client/client.hpp"

namespace promptsales::controllers {

/// How soon a person must see a status.
enum class Urgency {
  kNow,       ///< Ready turned True or is not True any more, or something needs an action
  kSoon,      ///< may need an action, if it does not pass within 5 seconds
  kProgress,  ///< still under way: worth a write every 15 seconds, not at every pod that starts
};

struct StatusUpdate {
  k8s::Json status;
  Urgency urgency = Urgency::kProgress;
  bool failing = false;  ///< time alone will not make it Ready: worth a Warning
};

/// The only code that writes a PromptSales' status, and only when it says something new.
///
/// Threads  any; at most one call at a time for one resource.
class StatusWriter {
 public:
  StatusWriter(client::Client& client, Caches& caches, const Clock& clock, std::function<bool()> may_write);

  /// Returns after how long a held-back status should be tried again, if it was held back. That a failure is gone
  /// is told kSoon at least.
  [[nodiscard]] Result<std::optional<std::chrono::milliseconds>> write(const PromptSales& app,
                                                                       const StatusUpdate& update);
  void forget(const std::string& app_uid);

 private:
  struct Last {
    Clock::Instant
        quiet_since;       ///< a status may have been waiting: its last write, or when it was first seen
    bool failing = false;  ///< what was written then says so
  };
  [[nodiscard]] Last last_of(const std::string& app_uid);

  client::Client& client_;
  Caches& caches_;
  const Clock& clock_;
  const std::function<bool()> may_write_;
  Guarded<std::unordered_map<std::string, Last>> last_;  ///< by UID
};

}  // namespace promptsales::controllers
