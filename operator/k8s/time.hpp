#pragma once

#include <chrono>
#include <string>

namespace promptsales::k8s {

/// metav1.Time: "2026-11-21T07:30:00Z", seconds, UTC.
[[nodiscard]] std::string time_text(std::chrono::system_clock::time_point when);

/// metav1.MicroTime: "2026-11-21T07:30:00.123456Z", as Leases and Events have it.
[[nodiscard]] std::string micro_time(std::chrono::system_clock::time_point when);

}  // namespace promptsales::k8s
