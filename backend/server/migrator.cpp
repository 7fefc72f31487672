#include "backend/server/migrator.hpp"

#include <pthread.h>

#include "backend/db/migrate.hpp"
#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::milliseconds kLastRetry{10'000};

}  // namespace

Migrator::Migrator(const DatabaseService& service, Health& health)
    : service_(service), health_(health), thread_([this](std::stop_token stop) { run(stop); }) {}

void Migrator::run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "migrator");
  std::string last_error;
  for (auto pause = kFirstRetry; !stop.stop_requested() && !attempt(last_error);) {
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, pause, [] { return false; });
    pause = std::min(pause * 2, kLastRetry);
  }
}

/// True when the schema is up to date. The same failure is logged once, not at every attempt.
bool Migrator::attempt(std::string& last_error) {
  const auto applied = migrate(service_);
  if (applied) {
    health_.migrated = true;
    log_line(LogLevel::kInfo, "schema is up to date",
             {{"applied_now", static_cast<std::int64_t>(applied->size())}});
    return true;
  }
  const auto& error = applied.error();
  health_.migration_error.with([&](std::string& text) { text = error.message; });
  if (error.message != last_error)
    log_line(error.remedy == Remedy::kShutDown ? LogLevel::kError : LogLevel::kWarn, "cannot migrate yet",
             {{"reason", std::string_view{error.reason}}, {"error", std::string_view{error.message}}});
  last_error = error.message;
  return false;
}

}  // namespace promptsales::backend
