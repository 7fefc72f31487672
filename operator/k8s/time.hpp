#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace promptsales::k8s {

/// metav1.Time: "2026-11-21T07:30:00Z", seconds, UTC.
[[nodiscard]] std::string time_text(std::chrono::system_clock::time_point when);

/// metav1.MicroTime: "2026-11-21T07:30:00.123456Z", as Leases and Events have it.
[[nodiscard]] std::string micro_time(std::chrono::system_clock::time_point when);

/// The whole seconds of either form; nothing for any other text.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_time(const std::string& text);

}  // namespace promptsales::k8s
