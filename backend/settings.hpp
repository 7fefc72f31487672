#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "backend/bindings/service.hpp"
#include "backend/log.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Who brings the schema up to date: every process that starts to serve, or whoever runs `promptsales-backend
/// migrate`; then a serving process waits for it.
enum class Migrations { kStartup, kJob };

/// What a person can set, each by the environment variable named beside it.
struct Settings {
  std::uint16_t http_port = 8080;   ///< PROMPTSALES_HTTP_PORT; 0: any free port, named in the log
  std::uint16_t admin_port = 9090;  ///< PROMPTSALES_ADMIN_PORT; 0 likewise
  std::string tls_directory{};    ///< PROMPTSALES_TLS_DIR, with tls.crt and tls.key: HTTPS; empty: plain HTTP
  unsigned loops = 1;             ///< PROMPTSALES_LOOPS, 1 to 4; default: CPUs this process may use
  unsigned db_pool_size = 4;      ///< PROMPTSALES_DB_POOL_SIZE, 1 to 100: connections of the process
  std::chrono::seconds drain{5};  ///< PROMPTSALES_DRAIN_SECONDS, 0 to 600: from SIGTERM to the last accept
  std::uint32_t max_connections = 10'000;  ///< PROMPTSALES_MAX_CONNECTIONS, 1 to 1,000,000: above it 503
  LogLevel log_level = LogLevel::kInfo;    ///< PROMPTSALES_LOG_LEVEL: debug, info, warn, error
  Migrations migrations = Migrations::kStartup;  ///< PROMPTSALES_MIGRATIONS: startup, job
  bool follow_bindings = false;                  ///< PROMPTSALES_BINDING_RELOAD: true, false
  bool access_log = false;  ///< PROMPTSALES_ACCESS_LOG: true, false; one line per request
};

/// Settings from the environment. `cpus` is the default for `loops` (cut to 4).
///
/// Errors   one sentence naming the variable and what it takes.
[[nodiscard]] Result<Settings> read_settings(const Environment& environment, unsigned cpus);

}  // namespace promptsales::backend
