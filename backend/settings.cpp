#include "backend/settings.hpp"

#include <algorithm>
#include <charconv>

namespace promptsales::backend {
namespace {

constexpr unsigned kMaxLoops = 4;

/// Reads one variable after the other; the first fault is kept, later ones are not looked at.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  template <typename T>
  T number(const std::string& name, T otherwise, std::uint32_t low, std::uint32_t high) {
    const auto text = environment_(name);
    if (!text || text->empty()) return otherwise;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && end == text->data() + text->size() && value >= low && value <= high)
      return static_cast<T>(value);
    fault(name + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return otherwise;
  }

  bool boolean(const std::string& name, bool otherwise) {
    const auto text = environment_(name);
    if (!text || text->empty()) return otherwise;
    if (*text == "true" || *text == "false") return *text == "true";
    fault(name + " must be true or false");
    return otherwise;
  }

  LogLevel level(const std::string& name, LogLevel otherwise) {
    const auto text = environment_(name);
    if (!text || text->empty()) return otherwise;
    if (const auto level = parse_log_level(*text)) return *level;
    fault(name + " must be one of debug, info, warn, error");
    return otherwise;
  }

  Migrations migrations(const std::string& name, Migrations otherwise) {
    const auto text = environment_(name);
    if (!text || text->empty()) return otherwise;
    if (*text == "startup") return Migrations::kStartup;
    if (*text == "job") return Migrations::kJob;
    fault(name + " must be startup or job");
    return otherwise;
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void fault(std::string message) {
    if (!error_) error_ = Error{Remedy::kShutDown, "InvalidSetting", std::move(message)};
  }

  const Environment& environment_;
  std::optional<Error> error_;
};

}  // namespace

Result<Settings> read_settings(const Environment& environment, unsigned cpus) {
  Reader read{environment};
  Settings s;
  s.http_port = read.number("PROMPTSALES_HTTP_PORT", s.http_port, 0, 65535);
  s.admin_port = read.number("PROMPTSALES_ADMIN_PORT", s.admin_port, 0, 65535);
  s.tls_directory = environment("PROMPTSALES_TLS_DIR").value_or("");
  s.loops = read.number("PROMPTSALES_LOOPS", std::clamp(cpus, 1U, kMaxLoops), 1, kMaxLoops);
  s.db_pool_size = read.number("PROMPTSALES_DB_POOL_SIZE", s.db_pool_size, 1, 100);
  s.drain = std::chrono::seconds{read.number("PROMPTSALES_DRAIN_SECONDS", 5, 0, 600)};
  s.max_connections = read.number("PROMPTSALES_MAX_CONNECTIONS", s.max_connections, 1, 1'000'000);
  s.log_level = read.level("PROMPTSALES_LOG_LEVEL", s.log_level);
  s.migrations = read.migrations("PROMPTSALES_MIGRATIONS", s.migrations);
  s.follow_bindings = read.boolean("PROMPTSALES_BINDING_RELOAD", s.follow_bindings);
  s.access_log = read.boolean("PROMPTSALES_ACCESS_LOG", s.access_log);
  if (read.error()) return Failure{*read.error()};
  s.loops = std::min(s.loops, s.db_pool_size);  // a loop without a connection of its own could serve nothing
  if (s.http_port != 0 && s.http_port == s.admin_port)
    return failure(Remedy::kShutDown, "InvalidSetting",
                   "PROMPTSALES_HTTP_PORT and PROMPTSALES_ADMIN_PORT must differ");
  return s;
}

}  // namespace promptsales::backend
