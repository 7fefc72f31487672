// promptsales-backend: the PromptSales API server.
//
//   promptsales-backend           serve until SIGTERM
//   promptsales-backend migrate   bring the database's schema up to date and exit

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "backend/cpus.hpp"
#include "backend/db/migrate.hpp"
#include "backend/descriptors.hpp"
#include "backend/log.hpp"
#include "backend/memory.hpp"
#include "backend/server/backend.hpp"
#include "backend/settings.hpp"

namespace {

using namespace promptsales;
using namespace promptsales::backend;

constexpr int kBadUsage = 2;

constexpr auto kUsage =
    "usage: promptsales-backend [migrate | --version]\n"
    "Without arguments it serves until SIGTERM. The database comes from $SERVICE_BINDING_ROOT/database or\n"
    "DATABASE_URL, the cache (optional) from $SERVICE_BINDING_ROOT/cache or REDIS_URL.\n";

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

int refuse(const Error& error) {
  std::fprintf(stderr, "promptsales-backend: %s\n", error.message.c_str());
  return 1;
}

int run_migrations(const Services& services) {
  const auto applied = migrate(services.database);
  if (!applied) return refuse(applied.error());
  log_line(LogLevel::kInfo, "schema is up to date",
           {{"applied_now", static_cast<std::int64_t>(applied->size())}});
  return 0;
}

int serve(const Settings& settings, const Services& services) {
  auto backend = Backend::create(settings, services);
  if (!backend) return refuse(backend.error());
  (*backend)->run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bound_allocator_memory();
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--version") return std::printf("promptsales-backend %s\n", PROMPTSALES_VERSION) < 0;
  if (argc > 2 || (!command.empty() && command != "migrate")) {
    std::fputs(kUsage, stderr);
    return kBadUsage;
  }
  const auto settings = read_settings(environment, available_cpus());
  if (!settings) return refuse(settings.error());
  set_log_level(settings->log_level);
  const auto services = read_services(environment);
  if (!services) return refuse(services.error());
  return command == "migrate" ? run_migrations(*services) : serve(*settings, *services);
}
