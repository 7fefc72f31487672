#include "backend/db/binary.hpp"

namespace promptsales::backend {
namespace {

constexpr std::int32_t kTextOid = 25;
constexpr std::chrono::sys_days kPgEpoch{std::chrono::year{2000} / 1 / 1};

template <typename T>
void append_integer(std::string& out, T value) {
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
}

template <typename T>
std::optional<T> read_integer(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  std::make_unsigned_t<T> bits = 0;
  for (const char c : bytes) bits = bits << 8 | static_cast<unsigned char>(c);
  return static_cast<T>(bits);
}

/// Takes an int32 from the front.
std::optional<std::int32_t> take_int32(std::string_view& bytes) {
  const auto value = read_int32(bytes.substr(0, 4));
  if (value) bytes.remove_prefix(4);
  return value;
}

}  // namespace

void append_int32(std::string& out, std::int32_t value) { append_integer(out, value); }
void append_int64(std::string& out, std::int64_t value) { append_integer(out, value); }
std::optional<std::int32_t> read_int32(std::string_view bytes) { return read_integer<std::int32_t>(bytes); }
std::optional<std::int64_t> read_int64(std::string_view bytes) { return read_integer<std::int64_t>(bytes); }

std::int64_t pg_time(Timestamp at) { return (at - kPgEpoch).count(); }

Timestamp from_pg_time(std::int64_t microseconds) {
  return kPgEpoch + std::chrono::microseconds{microseconds};
}

void append_text_array(std::string& out, const std::vector<std::string>& items) {
  append_int32(out, items.empty() ? 0 : 1);  // dimensions
  append_int32(out, 0);                      // no nulls
  append_int32(out, kTextOid);
  if (items.empty()) return;
  append_int32(out, static_cast<std::int32_t>(items.size()));
  append_int32(out, 1);  // lower bound
  for (const auto& item : items) {
    append_int32(out, static_cast<std::int32_t>(item.size()));
    out += item;
  }
}

std::optional<std::vector<std::string>> read_text_array(std::string_view bytes) {
  const auto dimensions = take_int32(bytes);
  const auto nulls = take_int32(bytes);
  const auto type = take_int32(bytes);
  if (!dimensions || !nulls || !type || *dimensions > 1) return std::nullopt;
  std::vector<std::string> items;
  if (*dimensions == 0) return items;
  const auto count = take_int32(bytes);
  const auto lower_bound = take_int32(bytes);
  if (!count || !lower_bound) return std::nullopt;
  for (std::int32_t i = 0; i < *count; ++i) {
    const auto length = take_int32(bytes);
    if (!length || *length < 0 || static_cast<std::size_t>(*length) > bytes.size()) return std::nullopt;
    items.emplace_back(bytes.substr(0, static_cast<std::size_t>(*length)));
    bytes.remove_prefix(static_cast<std::size_t>(*length));
  }
  return items;
}

}  // namespace promptsales::backend
