#include "backend/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "backend/json/writer.hpp"
#include "backend/logic/timestamp.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {
namespace {

spdlog::level::level_enum as_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      break;
  }
  return "error";
}

/// spdlog does levels, the lock and the flush; the line is ours, as spdlog's patterns cannot escape JSON.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("backend", std::make_shared<spdlog::sinks::stdout_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (const auto level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    if (name == name_of(level)) return level;
  }
  return std::nullopt;
}

void set_log_level(LogLevel level) { logger().set_level(as_spdlog(level)); }

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!logger().should_log(as_spdlog(level))) return;
  const auto now = std::chrono::floor<std::chrono::microseconds>(SystemClock{}.wall());
  std::string line;
  JsonWriter json{line};
  json.begin_object().key("time").string(to_string(now)).key("level").string(name_of(level));
  json.key("msg").string(message);
  for (const auto& field : fields) {
    json.key(field.name);
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      json.string(*text);
    else
      json.number(std::get<std::int64_t>(field.value));
  }
  json.end_object();
  logger().log(as_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace promptsales::backend
