#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace promptsales::backend {

/// A moment with the precision that Postgres keeps (microseconds), in UTC.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 with an offset ("2026-03-01T09:30:00Z", "...+02:00"), years 0001 to 9999; digits past
/// microseconds are cut off. A leap second ("23:59:60"), a missing offset and a date alone are nullopt.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "2026-03-01T09:30:00.000000Z": always UTC, always six digits, so that text order is time order.
[[nodiscard]] std::string to_string(Timestamp at);

}  // namespace promptsales::backend
