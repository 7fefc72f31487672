#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "operator/client/client.hpp"

namespace promptsales::runtime {

/// Times of leader election; the defaults are client-go's, so that both can hold one Lease.
struct LeaseTimes {
  std::chrono::seconds duration{15};        ///< how long others must wait after the last renewal they saw
  std::chrono::seconds renew_deadline{10};  ///< how long we go on without a successful renewal
  std::chrono::seconds retry{2};            ///< between renewals, and between attempts to take over
};

/// One of several processes at a time may write; the Lease object says which.
///
/// Fencing  may_write() turns false `renew_deadline` minus one second after the last successful renewal was
///          *sent*, on a clock that counts suspend, which is before anyone else may take over: so two leaders
///          do not write at once as long as clocks run at the same rate to 10 %.
///          client-go does not give this.
/// Standby  watches the Lease and asks for nothing else: one that is given back is taken over at once, one whose
///          holder is silent when its duration is over. Where it may not be watched it is looked at each second.
/// Errors   a Lease that cannot be read or written is retried; leadership ends when time runs out.
/// Threads  own thread for the election, with a client (connection, TLS) that nothing else uses.
///          may_write() from any thread. Callbacks run on the election's thread.
class LeaderElection {
 public:
  struct Callbacks {
    std::function<void()> started;
    std::function<void()> stopped;  ///< must return only when nothing of ours writes any more
  };

  LeaderElection(client::Client& client, k8s::ObjectKey lease, std::string identity, LeaseTimes times,
                 const Clock& clock);

  void start(const Callbacks& callbacks);
  /// Steps down if leading (`stopped` is called), gives the Lease back so that a standby takes over at once,
  /// and ends the thread.
  void stop();

  [[nodiscard]] bool may_write() const;
  [[nodiscard]] bool leading() const { return leading_; }
  /// Why the last look at the Lease came to nothing. No other replica is to blame for that.
  struct Trouble {
    std::string message;  ///< with what helps; empty: there is none
    bool answered =
        false;  ///< the API server has said so; false: it could not be asked, which passes by itself
  };
  [[nodiscard]] Trouble trouble() const;

 private:
  /// What a look at the Lease says.
  struct Seen {
    std::string holder;
    std::string version;  ///< changes with every renewal
    std::chrono::seconds duration{};
  };

  void run(std::stop_token stop, const Callbacks& callbacks);
  void stand_by(const std::stop_token& stop);
  /// `version` apart: a projection's document has none.
  [[nodiscard]] Seen seen_in(const k8s::Object& lease, const std::string& version) const;
  void note(const Seen& seen);
  [[nodiscard]] Result<void> try_acquire_or_renew();
  [[nodiscard]] Result<void> look_and_take(Clock::Instant sent);
  [[nodiscard]] Result<void> write(const k8s::Object& lease, bool create, Clock::Instant sent);
  [[nodiscard]] k8s::Object lease_object(const k8s::Object* current) const;
  [[nodiscard]] bool may_take_over(const Seen& seen);
  void give_back();
  [[nodiscard]] std::string wall_time() const;

  client::Client& client_;
  const k8s::ObjectKey lease_;
  const std::string identity_;
  const LeaseTimes times_;
  const Clock& clock_;

  std::atomic<std::int64_t> write_until_ns_ = 0;  ///< on clock_; 0: not leading
  std::atomic<bool> leading_ = false;
  Guarded<Trouble> trouble_;

  // Own thread only.
  k8s::Json held_;  ///< the Lease as our last write left it; null when we do not know
  Seen seen_;
  Clock::Instant
      seen_at_{};          ///< when seen_ was first seen: only our own clock counts, never the Lease's times
  std::string unwatched_;  ///< why the Lease cannot be watched; empty if it can

  std::jthread thread_;
};

}  // namespace promptsales::runtime
