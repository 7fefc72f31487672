#include "backend/commands/migrate_and_wait.hpp"

#include <algorithm>
#include <thread>

#include "backend/db/migrate.hpp"
#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::milliseconds kLastRetry{5'000};

}  // namespace

Result<void> migrate_and_wait(const DatabaseService& service, std::chrono::seconds patience,
                              const Clock& clock) {
  const auto until = clock.now() + patience;
  std::string last_error;
  for (auto pause = kFirstRetry;; pause = std::min(pause * 2, kLastRetry)) {
    const auto applied = migrate(service, embedded_migrations(), NewerSchema::kRefuse);
    if (applied) {
      log_line(LogLevel::kInfo, "schema is up to date",
               {{"applied_now", static_cast<std::int64_t>(applied->size())}});
      return {};
    }
    const auto& error = applied.error();
    if (error.remedy != Remedy::kRetryWithBackoff || clock.now() + pause >= until) return Failure{error};
    if (error.message != last_error)
      log_line(LogLevel::kWarn, "waiting for the database",
               {{"reason", std::string_view{error.reason}}, {"error", std::string_view{error.message}}});
    last_error = error.message;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace promptsales::backend
