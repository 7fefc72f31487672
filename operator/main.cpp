// Wires the operator together; the only source that no test links.

#include <malloc.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "controllers/promptsales/rbac.hpp"
#include "controllers/promptsales/reconciler.hpp"
#include "controllers/promptsales/settings_in_force.hpp"
#include "controllers/promptsales/setup.hpp"
#include "operator/client/config.hpp"
#include "operator/k8s/object.hpp"
#include "operator/logging.hpp"
#include "operator/options.hpp"
#include "operator/runtime/file_watch.hpp"
#include "operator/runtime/manager.hpp"

namespace promptsales {
namespace {

std::string default_identity() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string{host.data()} + "_" + std::to_string(getpid());
}

/// Waits for SIGTERM or SIGINT on a thread of its own; the second one ends the process at once. Who ends a process
/// and its group sends two within a moment, and means one.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (int signal : {SIGTERM, SIGINT}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // inherited by every thread made after this
    thread_ = std::thread([this] {
      Clock::Instant asked;
      for (int signal = 0; sigwait(&set_, &signal) == 0 && !done_;) {
        const auto now = SystemClock{}.now();
        if (stop_.request_stop()) {
          asked = now;
        } else if (now - asked > std::chrono::seconds{1}) {
          _exit(130);
        }
      }
    });
  }
  ~Signals() {
    done_ = true;
    // Wakes it out of sigwait; every thread blocks the signal, so that it ends none.
    pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
    thread_.join();
  }

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  sigset_t set_{};
  std::stop_source stop_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

using namespace std::chrono_literals;

int fail(const Error& error) {
  std::fprintf(stderr, "promptsales-operator: %s\n", error.message.c_str());
  return 1;
}

/// What only an API server says; or a refusal or failure that may be one's, which the informers will tell about.
bool may_be_an_api_server(const HttpResponse& answer) {
  if (answer.status == 401 || answer.status == 403 || answer.status == 429 || answer.status >= 500)
    return true;
  const auto version = k8s::Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  return answer.status == 200 && !k8s::string_at(version, {"gitVersion"}).empty();
}

/// A wrong address would otherwise be a process that is up and never does anything.
Result<void> find_server(client::Transport& transport, const client::Config& config) {
  const auto answer = transport.send({.target = "/version"}, std::chrono::seconds{15});
  if (!answer) {
    Error error = answer.error();
    error.message += "; check that it runs and that " + config.source + " names it";
    return Failure{std::move(error)};
  }
  if (may_be_an_api_server(*answer)) return {};
  return failure(Remedy::kShutDown, "BadServer",
                 config.server + " answers (HTTP " + std::to_string(answer->status) +
                     "), but not as a Kubernetes API server does; check its address, port and https:// in " +
                     config.source);
}

Result<void> serve(const Options& options, std::stop_token stop) {
  const SystemClock clock;
  controllers::SettingsInForce settings;
  const auto configuration = options.config.empty() ? std::nullopt : runtime::content_of(options.config);
  if (!options.config.empty())
    if (auto begun = settings.start_with(options.config.string(), configuration); !begun) return begun;
  const auto config = client::discover(options.kubeconfig);
  if (!config) return Failure{config.error()};
  auto transport = client::make_transport(*config, clock);
  if (!transport) return Failure{transport.error()};
  if (auto found = find_server(**transport, *config); !found) return found;
  auto lease_transport = client::make_transport(*config, clock);  // nothing may hold a renewal up
  if (!lease_transport) return Failure{lease_transport.error()};

  runtime::Metrics metrics;
  client::Client client{**transport, [&](auto verb, const auto&, int status, auto took) {
                          metrics.request(verb, status, took);
                        }};
  // Two attempts at a renewal fit into its deadline, even if the first is never answered.
  client::Client lease_client{**lease_transport, {}, {.read = 4s, .write = 4s}};
  runtime::EventRecorder events{client, options.identity, clock};

  std::unique_ptr<runtime::LeaderElection> leader;
  if (options.leader_elect) {
    const std::string ns = !options.lease_namespace.empty() ? options.lease_namespace
                           : !config->ns.empty()            ? config->ns
                                                            : "default";
    leader =
        std::make_unique<runtime::LeaderElection>(lease_client, k8s::ObjectKey{ns, "promptsales-operator"},
                                                  options.identity, runtime::LeaseTimes{}, clock);
  }

  controllers::Setup setup{{
      .client = client,
      .ns = options.ns,
      .events = events,
      .metrics = metrics,
      .clock = clock,
      .settings = settings,
      .may_write = [&] { return !leader || leader->may_write(); },
      .images = {options.backend_image, options.postgres_image, options.valkey_image, options.nats_image,
                 options.postgres_images},
      .workers = options.workers,
  }};

  runtime::AdminServer admin;
  runtime::Manager::Parts parts{admin,        events, {}, setup.optional(), setup.controller(),
                                leader.get(), metrics};
  for (const auto& informer : setup.informers()) parts.informers.push_back(informer.get());
  parts.details = [&] { return settings.report(); };
  runtime::Manager manager{std::move(parts)};
  for (const auto& informer : setup.informers())
    informer->on_status([&](const auto& changed, const auto& status) {
      manager.informer_changed();
      // Resources that were waiting for this cache can go on.
      if (status.synced && &changed != setup.informers().front().get()) setup.reconcile_all();
    });
  runtime::FileWatch file{options.config, configuration, [&](const auto& content) {
                            if (settings.take(content)) setup.reconcile_all();
                            metrics.configuration(settings.good());
                          }};
  if (!options.config.empty()) {
    metrics.configuration(true);
    if (auto watching = file.start(); !watching) return watching;
  }
  spdlog::info("promptsales-operator " PROMPTSALES_VERSION " on {} ({})", config->server, config->source);
  return manager.run(options.listen, stop);
}

}  // namespace
}  // namespace promptsales

int main(int argc, char** argv) {
  using namespace promptsales;
  // Two arenas instead of eight per core: 30 threads that mostly sleep would otherwise keep 64 MiB apart
  // each.
  mallopt(M_ARENA_MAX, 2);
  const Signals signals;
  auto options = parse_options({argv + 1, static_cast<std::size_t>(argc - 1)},
                               [](const char* name) -> const char* { return std::getenv(name); });
  if (!options) return fail(options.error());
  if (options->help) return std::fputs(usage().c_str(), stdout), 0;
  if (options->print_rbac) return std::fputs(controllers::rbac_manifest().c_str(), stdout), 0;
  if (options->version) return std::puts(PROMPTSALES_VERSION), 0;
  if (options->identity.empty()) options->identity = default_identity();

  log_json_lines(options->log_level);
  client::initialize_transport_library();
  const auto served = serve(*options, signals.token());
  const int outcome = served ? 0 : fail(served.error());
  // Without static destructors: threads of cpprestsdk's pool may still touch what these destroy.
  std::fflush(nullptr);
  std::_Exit(outcome);
}
