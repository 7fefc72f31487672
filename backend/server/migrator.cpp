#include "backend/server/migrator.hpp"

#include <pthread.h>

#include <algorithm>
#include <optional>

#include "backend/db/migrate.hpp"
#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::milliseconds kLastRetry{10'000};
constexpr std::chrono::milliseconds kLook{1'000};

}  // namespace

Migrator::Migrator(const DatabaseService& service, Health& health)
    : service_(service), health_(health), thread_([this](std::stop_token stop) { run(stop); }) {}

void Migrator::run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "migrator");
  std::string last_error;
  std::optional<unsigned> done_for;  // the arrival of the database that the last success belongs to
  auto pause = kFirstRetry;
  while (!stop.stop_requested()) {
    const auto arrivals = health_.database.snapshot().arrivals;
    if (done_for == arrivals || attempt(last_error)) {
      done_for = arrivals;
      pause = kFirstRetry;
    }
    const bool done = done_for == arrivals;
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, done ? kLook : pause, [] { return false; });
    if (!done) pause = std::min(pause * 2, kLastRetry);
  }
}

/// True when the schema is up to date. The same failure is logged once, not at every attempt.
bool Migrator::attempt(std::string& last_error) {
  const auto applied = migrate(service_);
  if (applied) {
    const bool news = !health_.migrated.exchange(true) || !applied->empty();
    last_error.clear();
    if (!news) return true;
    log_line(LogLevel::kInfo, "schema is up to date",
             {{"applied_now", static_cast<std::int64_t>(applied->size())}});
    return true;
  }
  const auto& error = applied.error();
  if (error.remedy == Remedy::kShutDown) health_.migrated = false;
  health_.migration_error.with([&](std::string& text) { text = error.message; });
  if (error.message != last_error)
    log_line(error.remedy == Remedy::kShutDown ? LogLevel::kError : LogLevel::kWarn, "cannot migrate yet",
             {{"reason", std::string_view{error.reason}}, {"error", std::string_view{error.message}}});
  last_error = error.message;
  return false;
}

}  // namespace promptsales::backend
