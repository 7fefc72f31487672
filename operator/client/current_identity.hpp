#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "operator/client/config.hpp"
#include "operator/client/tls.hpp"

namespace promptsales::client {

/// The TlsIdentity of a Config, renewed from where the Config came: a cluster's CA is replaced, a client
/// certificate runs out, and a process that has read them once could never connect again.
///
/// Threads  any.
/// Source   the files are looked at again every 30 s, as often as a Token's.
/// It does not close connections: who holds one made with a former identity decides when to leave it.
class CurrentIdentity {
 public:
  using Ptr = std::shared_ptr<const TlsIdentity>;

  /// Errors   those of TlsIdentity::make, named with the Config's source.
  [[nodiscard]] static Result<std::unique_ptr<CurrentIdentity>> of(const Config& config, const Clock& clock);

  /// The identity to connect with now: the same pointer as long as nothing has changed. Files that are gone,
  /// half written or no certificates leave the last good one, which is logged once.
  [[nodiscard]] Ptr get();
  /// The server refused it: read the files again at the next use.
  void refused();

 private:
  struct State {
    Config config;  ///< what `identity` was made of
    Ptr identity;
    Clock::Instant read_at{};
    std::string complaint;  ///< the last one logged
  };

  CurrentIdentity(State state, const Clock& clock);
  void renew();
  void complain(const std::string& complaint);

  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace promptsales::client
