#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/logic/timestamp.hpp"

namespace promptsales::backend {

/// Postgres' binary formats of the types we use; all integers are in network order.
///
/// Source  src/backend/utils/adt/{int8,timestamp,arrayfuncs}.c of PostgreSQL 15.
void append_int32(std::string& out, std::int32_t value);
void append_int64(std::string& out, std::int64_t value);
[[nodiscard]] std::optional<std::int32_t> read_int32(std::string_view bytes);
[[nodiscard]] std::optional<std::int64_t> read_int64(std::string_view bytes);

/// timestamptz: microseconds since 2000-01-01 00:00 UTC.
[[nodiscard]] std::int64_t pg_time(Timestamp at);
[[nodiscard]] Timestamp from_pg_time(std::int64_t microseconds);

/// text[], one dimension, no nulls.
void append_text_array(std::string& out, const std::vector<std::string>& items);
/// Nothing if the bytes are not such an array.
[[nodiscard]] std::optional<std::vector<std::string>> read_text_array(std::string_view bytes);

}  // namespace promptsales::backend
