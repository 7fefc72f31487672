#include "backend/logic/uuid.hpp"

#include <algorithm>

namespace promptsales::backend {
namespace {

constexpr std::size_t kTextLength = 36;

constexpr bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < kTextLength; ++i) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4U | static_cast<unsigned>(value));
    ++nibble;
  }
  return id;
}

std::string to_string(const Uuid& id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text(kTextLength, '-');
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < kTextLength; ++i) {
    if (is_hyphen_place(i)) continue;
    const unsigned byte = id.bytes[nibble / 2];
    text[i] = kHex[nibble % 2 == 0 ? byte >> 4U : byte & 15U];
    ++nibble;
  }
  return text;
}

Uuid uuid_v7(Clock::WallTime at, const std::array<std::uint8_t, 10>& random) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch());
  const auto ms = static_cast<std::uint64_t>(since_epoch.count());
  Uuid id;
  for (unsigned i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
  std::ranges::copy(random, id.bytes.begin() + 6);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x70U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

}  // namespace promptsales::backend
