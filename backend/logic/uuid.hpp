#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace promptsales::backend {

/// A UUID as its 16 bytes, in network order. Ordered as text is ordered.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// The 36-character form with hyphens, either case. Anything else (braces, "urn:uuid:") is nullopt.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

/// Lower case, 36 characters.
[[nodiscard]] std::string to_string(const Uuid& id);

/// An identifier that sorts by its time of creation (RFC 9562 section 5.7): 48 bits of milliseconds, then
/// `random`, of which version and variant bits are overwritten.
[[nodiscard]] Uuid uuid_v7(Clock::WallTime at, const std::array<std::uint8_t, 10>& random);

}  // namespace promptsales::backend
