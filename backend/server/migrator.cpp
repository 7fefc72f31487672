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
constexpr const char* kWaiting = "WaitingForMigration";

/// Another login is the same database still.
bool is_same_database(const DatabaseService& one, const DatabaseService& other) {
  return one.host == other.host && one.port == other.port && one.database == other.database;
}

}  // namespace

Result<std::vector<int>> bring_up_to_date(const DatabaseService& service, Migrations who) {
  if (who == Migrations::kStartup) return migrate(service);
  auto missing = missing_migrations(service);
  if (!missing || missing->empty()) return missing;
  return failure(Remedy::kRetryWithBackoff, kWaiting,
                 std::to_string(missing->size()) + " migrations from " + std::to_string(missing->front()) +
                     " on are not applied yet: `promptsales-backend migrate` does that");
}

Migrator::Migrator(std::function<std::shared_ptr<const DatabaseService>()> service, Migrations who,
                   Health& health)
    : service_(std::move(service)),
      who_(who),
      health_(health),
      thread_([this](std::stop_token stop) { run(stop); }) {}

void Migrator::run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "migrator");
  std::string last_error;
  // Which database, and which arrival of it, the last success belongs to.
  std::optional<std::pair<std::shared_ptr<const DatabaseService>, unsigned>> done_for;
  // To look is cheap, and pods wait for what a Job has done.
  const auto longest = who_ == Migrations::kJob ? kLook : kLastRetry;
  auto pause = kFirstRetry;
  while (!stop.stop_requested()) {
    const auto now = std::pair{service_(), health_.database.snapshot().arrivals};
    const bool is_another = done_for && !is_same_database(*done_for->first, *now.first);
    if (done_for == now || attempt(*now.first, last_error)) {
      done_for = now;
      pause = kFirstRetry;
    } else if (is_another) {  // and not before it was looked at: most often its schema is there already
      done_for.reset();
      health_.migrated = false;
    }
    const bool done = done_for == now;
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, done ? kLook : pause, [] { return false; });
    if (!done) pause = std::min(pause * 2, longest);
  }
}

/// True when the schema is up to date. The same failure is logged once, not at every attempt.
bool Migrator::attempt(const DatabaseService& service, std::string& last_error) {
  const auto applied = bring_up_to_date(service, who_);
  if (applied) {
    const bool news = !health_.migrated.exchange(true) || !applied->empty();
    last_error.clear();
    health_.migration_error.with([](std::string& text) { text.clear(); });
    if (!news) return true;
    log_line(LogLevel::kInfo, "schema is up to date",
             {{"applied_now", static_cast<std::int64_t>(applied->size())}});
    return true;
  }
  const auto& error = applied.error();
  // What could not be looked at is as it was.
  if (error.remedy == Remedy::kShutDown || error.reason == kWaiting) health_.migrated = false;
  health_.migration_error.with([&](std::string& text) { text = error.message; });
  if (error.message != last_error)
    log_line(error.remedy == Remedy::kShutDown ? LogLevel::kError : LogLevel::kWarn, "cannot migrate yet",
             {{"reason", std::string_view{error.reason}}, {"error", std::string_view{error.message}}});
  last_error = error.message;
  return false;
}

}  // namespace promptsales::backend
