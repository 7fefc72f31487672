#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backend/logic/timestamp.hpp"
#include "backend/logic/uuid.hpp"

namespace promptsales::backend {

/// The place in a list after which the next page begins: lists are ordered by (created_at, id), newest first.
struct PagePosition {
  Timestamp created_at;
  Uuid id;
  friend bool operator==(const PagePosition&, const PagePosition&) = default;
};

/// The secret that signs cursors. Replicas must share it: a cursor made by one is read by another.
using CursorKey = std::array<std::uint8_t, 32>;

/// A key derived from a secret that all replicas have (the database password). Changing the secret makes old
/// cursors invalid, which costs a client a restart of its listing, nothing else.
[[nodiscard]] CursorKey derive_cursor_key(std::string_view shared_secret);

/// The keys of a process whose shared secret may change while it runs: new cursors carry the current key, and
/// those of the secret before are still read, so that a client in the middle of a list notices nothing.
struct CursorKeys {
  explicit CursorKeys(std::string_view shared_secret)
      : current(derive_cursor_key(shared_secret)), previous(current) {}
  /// The secret has changed to this one.
  void follow(std::string_view shared_secret);

  CursorKey current;
  CursorKey previous;
};

/// An opaque, URL-safe text that only the same organization can hand back: 24 bytes of position and 16 bytes
/// of HMAC-SHA-256 over organization and position, as base64url without padding.
[[nodiscard]] std::string encode_cursor(const PagePosition& at, const Uuid& org, const CursorKey& key);

/// Nothing if the text was not made by encode_cursor with the same organization and one of the keys.
[[nodiscard]] std::optional<PagePosition> decode_cursor(std::string_view text, const Uuid& org,
                                                        const CursorKeys& keys);

}  // namespace promptsales::backend
