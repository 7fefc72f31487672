// promptsales-backend: the PromptSales API server.
//
//   promptsales-backend                        serve until SIGTERM
//   promptsales-backend migrate [--wait S]     bring the database's schema up to date and exit
//   promptsales-backend check                  connect to everything that is bound and exit
//   promptsales-backend rotate | retire        have the server take another login | no other one, and exit

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "backend/commands/check.hpp"
#include "backend/commands/migrate_and_wait.hpp"
#include "backend/commands/rotate.hpp"
#include "backend/commands/termination.hpp"
#include "backend/cpus.hpp"
#include "backend/descriptors.hpp"
#include "backend/log.hpp"
#include "backend/memory.hpp"
#include "backend/server/backend.hpp"
#include "backend/settings.hpp"

namespace {

using namespace promptsales;
using namespace promptsales::backend;

constexpr int kBadUsage = 2;
constexpr int kSchemaNewer = 3;

constexpr auto kUsage =
    "usage: promptsales-backend [check | migrate [--wait SECONDS] | rotate | retire | --help | --version]\n"
    "Without arguments it serves until SIGTERM. The database comes from $SERVICE_BINDING_ROOT/database or\n"
    "DATABASE_URL, the cache (optional) from $SERVICE_BINDING_ROOT/cache or REDIS_URL.\n"
    "check    connects to everything that is bound (messaging too); exit 1 and one sentence if anything "
    "fails\n"
    "migrate  waits for the database (120 s at most), migrates it; exit 3 if its schema is newer than this\n"
    "         program, exit 1 for any other failure\n"
    "rotate   has the server of the database, or else of the cache, take the login in\n"
    "         $SERVICE_BINDING_ROOT/next beside the one that is bound\n"
    "retire   has it take the one that is bound alone\n";

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

int refuse(const Error& error) {
  std::fprintf(stderr, "promptsales-backend: %s\n", error.message.c_str());
  leave_message(environment("PROMPTSALES_TERMINATION_LOG").value_or(kTerminationLog), error.message);
  return error.reason == "SchemaNewer" ? kSchemaNewer : 1;
}

int usage(std::string_view unknown = "") {
  if (!unknown.empty())
    std::fprintf(stderr, "promptsales-backend: '%.*s' is no command\n", static_cast<int>(unknown.size()),
                 unknown.data());
  std::fputs(kUsage, stderr);
  return kBadUsage;
}

int run(Result<void> (*command)(const Environment&)) {
  const auto done = command(environment);
  return done ? 0 : refuse(done.error());
}

int run_migrations(const std::vector<std::string_view>& arguments) {
  unsigned patience = 120;
  if (!arguments.empty()) {
    if (arguments.size() != 2 || arguments[0] != "--wait") return usage();
    const auto text = arguments[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), patience);
    if (error != std::errc{} || end != text.data() + text.size()) return usage();
  }
  const auto services = read_services(environment);
  if (!services) return refuse(services.error());
  const auto done = migrate_and_wait(services->database, std::chrono::seconds{patience}, SystemClock{});
  return done ? 0 : refuse(done.error());
}

int serve() {
  const auto settings = read_settings(environment, available_cpus());
  if (!settings) return refuse(settings.error());
  set_log_level(settings->log_level);
  const auto services = read_services(environment);
  if (!services) return refuse(services.error());
  auto backend = Backend::create(*settings, *services);
  if (!backend) return refuse(backend.error());
  (*backend)->run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bound_allocator_memory();
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string_view> arguments{argv + 1, argv + argc};
  if (arguments.empty()) return serve();
  const auto command = arguments.front();
  arguments.erase(arguments.begin());
  if (command == "migrate") return run_migrations(arguments);
  if (!arguments.empty()) return usage();
  if (command == "check") return run(check_bindings);
  if (command == "rotate") return run(rotate_binding);
  if (command == "retire") return run(retire_binding);
  if (command == "--help" || command == "-h") return std::fputs(kUsage, stdout) < 0;
  if (command == "--version") return std::printf("promptsales-backend %s\n", PROMPTSALES_VERSION) < 0;
  return usage(command);
}
