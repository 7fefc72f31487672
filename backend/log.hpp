#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace promptsales::backend {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// From "debug", "info", "warn" or "error".
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view name);

/// A named value beside the message. Secrets and personal data never become one.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

/// Lines below `level` are dropped from now on. Call once, before other threads start.
void set_log_level(LogLevel level);

/// Writes one JSON line to standard output: time, level, msg, then the fields.
///
/// Threads  any; a line is never torn. Writes in the caller's thread: not for the path of every request
///          (the access log, off by default, is the exception).
void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace promptsales::backend
