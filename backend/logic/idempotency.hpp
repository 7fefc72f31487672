#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backend/logic/timestamp.hpp"

namespace promptsales::backend {

/// A request that must take effect at most once, with the reply that it will get.
struct IdempotentRequest {
  std::string key;   ///< the client's Idempotency-Key
  std::string hash;  ///< of method, path and body: request_hash()
  std::string location;
  std::string body;
  Timestamp expires_at;
};

/// What an earlier request with the same key was answered.
struct RememberedReply {
  std::string hash;
  std::int32_t status = 0;
  std::string location;
  std::string body;
};

/// How long a key is remembered.
inline constexpr std::chrono::hours kIdempotencyLifetime{24};

/// 1 to 255 visible ASCII characters (draft-ietf-httpapi-idempotency-key-header-07 leaves the form to us).
[[nodiscard]] bool is_idempotency_key(std::string_view text);

/// SHA-256, 32 bytes: tells a repeated request from another one under the same key.
[[nodiscard]] std::string request_hash(std::string_view method_and_path, std::string_view body);

}  // namespace promptsales::backend
