#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "backend/admin/admin_handler.hpp"
#include "backend/health.hpp"
#include "backend/http/acceptor.hpp"
#include "backend/server/binding_watcher.hpp"
#include "backend/server/loop.hpp"
#include "backend/server/migrator.hpp"
#include "backend/settings.hpp"
#include "backend/tls/certificate_keeper.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// The whole server. The calling thread becomes the control thread: it accepts clients and deals them out to
/// the loops, serves the admin port, and handles signals.
///
/// Start   listen on both ports; loops (database and cache connect on their own); migrator; accept. Nothing
/// waits
///         for the database: /readyz says what is missing.
/// Stop    on SIGTERM or SIGINT: not ready at once; requests go on being served for `Settings::drain`, in its
///         second half with Connection: close; then no more connections, requests in flight are finished (20
///         s at most), loops end, run() returns. A second signal ends the process at once with status 143.
/// Threads control (the caller's), one per loop, the migrator, the watcher of the
///         bindings where they are followed, and Asio's resolver where host names are used.
class Backend {
 public:
  /// Errors  a port that cannot be listened on, or a certificate that cannot be served.
  static Result<std::unique_ptr<Backend>> create(const Settings& settings, const Services& services);

  /// Returns after a complete drain. Call once.
  void run();

  /// The real ports, also when 0 was set.
  [[nodiscard]] std::uint16_t http_port() const { return http_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_->port(); }

 private:
  Backend(const Settings& settings, const Services& services);

  void start_accepting();
  static std::jthread end_in_time();
  void await_signal();
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> finish_requests();
  boost::asio::awaitable<void> watch_loops();
  boost::asio::awaitable<void> watch_certificate();
  boost::asio::awaitable<void> try_logins();
  boost::asio::awaitable<void> log_in_once_more();
  boost::asio::awaitable<void> pause(std::chrono::milliseconds duration);
  Loop& least_loaded();
  void take(boost::asio::ip::tcp::socket socket);
  [[nodiscard]] std::size_t clients() const;
  [[nodiscard]] std::optional<std::string> stuck() const;
  [[nodiscard]] AdminHandler::Sources admin_sources();
  [[nodiscard]] BindingWatcher::Users binding_users();

  // Constant after construction.
  const Settings settings_;
  const Services services_;
  const SystemClock clock_;
  const std::vector<RouteLabels> labels_;

  // These provide their own synchronization.
  Health health_;
  Guarded<std::shared_ptr<const DatabaseService>> database_;  ///< in use now

  // The control thread's.
  // Loops outlive control_: its pending accept holds a socket of one of them.
  std::vector<std::unique_ptr<Loop>> loops_;
  boost::asio::io_context control_;
  boost::asio::signal_set signals_;
  std::unique_ptr<Acceptor> http_;
  std::unique_ptr<Acceptor> admin_;
  AdminHandler admin_handler_;
  ConnectionSet admin_clients_;
  std::optional<Migrator> migrator_;
  std::optional<BindingWatcher> bindings_;
  std::unique_ptr<CertificateKeeper> certificates_;  ///< null: plain HTTP
  std::optional<Clock::Instant> logins_tried_;       ///< when that began
  bool logins_are_tried_ = false;                    ///< and it has not ended
  boost::asio::steady_timer logins_awaited_{control_};
};

}  // namespace promptsales::backend
