#include "backend/server/backend.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "backend/http/problem.hpp"
#include "backend/log.hpp"
#include "backend/metrics/page.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kFinishDeadline = 20s;  // drain + this + kEndDeadline must fit into the pod's grace period
constexpr auto kEndDeadline = 4s;
constexpr auto kHeartbeat = 1s;
constexpr auto kStalled = 10s;
constexpr auto kLookAtFiles = 1s;
constexpr auto kLoginsAreKnown = 3s;
constexpr auto kLoginsAreAwaited = 400ms;  // whoever asks gives up after a second

/// A client above the limit gets one honest answer; whether it arrives is not waited for. Under TLS the
/// answer would cost a handshake, so there the connection just ends.
void shed(asio::ip::tcp::socket socket, bool tls, const Clock& clock) {
  if (tls) return;
  std::string bytes;
  append_reply(bytes, unavailable("There are too many connections; try again in a moment."),
               {.keep_alive = false, .head_only = false, .date = HttpDate{clock}.now()});
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
}

}  // namespace

Backend::Backend(const Settings& settings, const Services& services)
    : settings_(settings),
      services_(services),
      labels_(route_labels()),
      health_(settings.loops),
      database_(std::make_shared<const DatabaseService>(services.database)),
      control_(1),
      signals_(control_, SIGTERM, SIGINT),
      admin_handler_(admin_sources()),
      admin_clients_(control_, admin_handler_, HttpLimits{}, clock_) {
  const auto per_loop = std::max(1U, settings.db_pool_size / settings.loops);
  for (unsigned i = 0; i < settings.loops; ++i)
    loops_.push_back(std::make_unique<Loop>(
        LoopConfig{services_, clock_, health_, HttpLimits{}, per_loop, settings.access_log}, i));
}

Result<std::unique_ptr<Backend>> Backend::create(const Settings& settings, const Services& services) {
  std::unique_ptr<Backend> made{new Backend{settings, services}};
  auto http = Acceptor::listen(made->control_, settings.http_port, "PROMPTSALES_HTTP_PORT");
  if (!http) return Failure{http.error()};
  auto admin = Acceptor::listen(made->control_, settings.admin_port, "PROMPTSALES_ADMIN_PORT");
  if (!admin) return Failure{admin.error()};
  if (!settings.tls_directory.empty()) {
    auto keeper = CertificateKeeper::open(settings.tls_directory, made->clock_, made->health_.tls);
    if (!keeper) return Failure{keeper.error()};
    made->certificates_ = std::move(*keeper);
  }
  made->http_ = std::move(*http);
  made->admin_ = std::move(*admin);
  return made;
}

void Backend::run() {
  for (auto& loop : loops_) loop->start();
  migrator_.emplace([this] { return database_.with([](const auto& now) { return now; }); },
                    settings_.migrations, health_);
  if (settings_.follow_bindings && !services_.directory.empty())
    bindings_.emplace(services_.directory, binding_users(), settings_.migrations, health_);
  start_accepting();
  await_signal();
  log_line(LogLevel::kInfo, "listening",
           {{"http_port", std::int64_t{http_port()}},
            {"admin_port", std::int64_t{admin_port()}},
            {"scheme", certificates_ ? "https" : "http"},
            {"loops", static_cast<std::int64_t>(loops_.size())},
            {"version", PROMPTSALES_VERSION}});
  control_.run();
  const auto in_time = end_in_time();
  for (auto& loop : loops_) loop->stop();
  bindings_.reset();
  migrator_.reset();
  for (auto& loop : loops_) loop->join();
  log_line(LogLevel::kInfo, "ended");
}

/// Nobody is served any more: a database or a name server that does not answer is waited for no longer than that.
std::jthread Backend::end_in_time() {
  return std::jthread{[](std::stop_token ended) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, ended, kEndDeadline, [] { return false; });
    if (ended.stop_requested()) return;
    log_line(LogLevel::kInfo, "ended without the answer of a service that is slow");
    std::_Exit(0);
  }};
}

void Backend::start_accepting() {
  spawn(control_, http_->run([this]() -> asio::io_context& { return least_loaded().context(); },
                             [this](asio::ip::tcp::socket socket) { take(std::move(socket)); }));
  spawn(control_,
        admin_->run([this]() -> asio::io_context& { return control_; },
                    [this](asio::ip::tcp::socket socket) { admin_clients_.adopt(std::move(socket)); }));
  admin_clients_.start();
  spawn(control_, watch_loops());
  if (certificates_) spawn(control_, watch_certificate());
}

void Backend::await_signal() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    if (health_.draining.exchange(true)) std::_Exit(128 + SIGTERM);
    spawn(control_, drain());
    await_signal();
  });
}

asio::awaitable<void> Backend::drain() {
  log_line(LogLevel::kInfo, "draining", {{"seconds", std::int64_t{settings_.drain.count()}}});
  const auto half = std::chrono::milliseconds{settings_.drain} / 2;
  co_await pause(half);
  for (auto& loop : loops_) loop->post([&clients = loop->clients()] { clients.announce_close(); });
  co_await pause(half);
  http_->close([this]() -> asio::io_context& { return least_loaded().context(); },
               [this](asio::ip::tcp::socket socket) { take(std::move(socket)); });
  co_await finish_requests();
  control_.stop();
}

asio::awaitable<void> Backend::finish_requests() {
  const auto deadline = clock_.now() + kFinishDeadline;
  do {
    for (auto& loop : loops_) loop->post([&clients = loop->clients()] { clients.close_idle(); });
    co_await pause(
        20ms);  // even when there is none: what was just accepted is counted after a turn of the loop
  } while (clients() > 0 && clock_.now() < deadline);
  if (clients() == 0) co_return;
  log_line(LogLevel::kWarn, "closing connections that did not end",
           {{"count", static_cast<std::int64_t>(clients())}});
  for (auto& loop : loops_) loop->post([&clients = loop->clients()] { clients.abort_all(); });
}

asio::awaitable<void> Backend::watch_loops() {
  for (;;) {
    for (auto& loop : loops_) loop->ping();
    co_await pause(kHeartbeat);
  }
}

asio::awaitable<void> Backend::watch_certificate() {
  for (;;) {
    co_await pause(kLookAtFiles);
    certificates_->look();
  }
}

/// Not more often than that is good for a server, one at a time, and not while this process cannot, or is about to end.
/// Whoever asks waits a little for it: what takes longer is in a later answer.
asio::awaitable<void> Backend::try_logins() {
  const auto now = clock_.now();
  const bool known = logins_tried_ && now - *logins_tried_ < kLoginsAreKnown;
  if (!known && !logins_are_tried_ && !health_.draining && loops_.front()->stalled() <= kHeartbeat * 2) {
    logins_tried_ = now;
    logins_are_tried_ = true;
    logins_awaited_.expires_after(kLoginsAreAwaited);
    spawn(control_, log_in_once_more());
  }
  if (!logins_are_tried_) co_return;
  boost::system::error_code ended;
  co_await logins_awaited_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

asio::awaitable<void> Backend::log_in_once_more() {
  auto& loop = *loops_.front();
  co_await asio::co_spawn(loop.context(), loop.try_logins(), asio::use_awaitable);
  logins_are_tried_ = false;
  logins_awaited_.cancel();
}

asio::awaitable<void> Backend::pause(std::chrono::milliseconds duration) {
  boost::system::error_code cancelled;
  asio::steady_timer timer{control_, duration};
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

Loop& Backend::least_loaded() {
  const auto by_clients = [](const auto& loop) { return loop->clients().count(); };
  return **std::ranges::min_element(loops_, {}, by_clients);
}

void Backend::take(asio::ip::tcp::socket socket) {
  if (clients() >= settings_.max_connections)
    return shed(std::move(socket), certificates_ != nullptr, clock_);
  for (auto& loop : loops_) {
    const asio::any_io_executor owner = loop->context().get_executor();
    if (socket.get_executor() == owner)
      return loop->clients().adopt(std::move(socket), certificates_ ? certificates_->new_session() : nullptr);
  }
}

std::size_t Backend::clients() const {
  std::size_t sum = 0;
  for (const auto& loop : loops_) sum += loop->clients().count();
  return sum;
}

BindingWatcher::Users Backend::binding_users() {
  BindingWatcher::Users users;
  users.database = [this](std::shared_ptr<const DatabaseService> service) {
    database_.with([&](auto& now) { now = service; });
    for (auto& loop : loops_) loop->use(service);
  };
  if (services_.cache)
    users.cache = [this](std::shared_ptr<const CacheService> service) {
      for (auto& loop : loops_) loop->use(service);
    };
  return users;
}

std::optional<std::string> Backend::stuck() const {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (loops_[i]->stalled() > kStalled)
      return "event loop " + std::to_string(i) + " has made no progress for more than 10 s";
  }
  return std::nullopt;
}

AdminHandler::Sources Backend::admin_sources() {
  return {.stuck = [this] { return stuck(); },
          .readiness =
              [this] {
                const Bound bound{.cache = services_.cache.has_value(),
                                  .messaging = services_.messaging.has_value()};
                return assess(health_, bound, clock_.now());
              },
          .try_logins = [this] { return try_logins(); },
          .metrics =
              [this] {
                std::vector<LoopMetrics> loops;
                for (const auto& loop : loops_) loops.push_back(loop->metrics());
                return metrics_page(labels_, loops, health_);
              }};
}

}  // namespace promptsales::backend
