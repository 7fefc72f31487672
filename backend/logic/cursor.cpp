#include "backend/logic/cursor.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/strings.hpp"

namespace promptsales::backend {
namespace {

constexpr std::size_t kPositionBytes = 24;
constexpr std::size_t kSignatureBytes = 16;

std::array<std::uint8_t, 32> hmac(std::string_view key, std::string_view message) {
  std::array<std::uint8_t, 32> digest{};
  unsigned length = 0;
  const auto* ok =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &length);
  PS_CHECK(ok != nullptr && length == digest.size());
  return digest;
}

std::string_view as_text(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string signature(std::string_view position, const Uuid& org, const CursorKey& key) {
  const auto digest = hmac(as_text(key), std::string{as_text(org.bytes)}.append(position));
  return std::string{as_text(digest).substr(0, kSignatureBytes)};
}

std::string pack(const PagePosition& at) {
  const auto us = static_cast<std::uint64_t>(at.created_at.time_since_epoch().count());
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(us >> shift);
  return bytes.append(as_text(at.id.bytes));
}

PagePosition unpack(std::string_view bytes) {
  std::uint64_t us = 0;
  for (const char c : bytes.substr(0, 8)) us = us << 8U | static_cast<std::uint8_t>(c);
  PagePosition at{.created_at = Timestamp{std::chrono::microseconds{static_cast<std::int64_t>(us)}},
                  .id = {}};
  std::ranges::copy(bytes.substr(8, at.id.bytes.size()), at.id.bytes.begin());
  return at;
}

std::string to_base64url(std::string_view bytes) {
  auto text = base64_encode(bytes);
  text.erase(std::ranges::find(text, '='), text.end());
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  std::string padded{text};
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return base64_decode(padded);
}

}  // namespace

CursorKey derive_cursor_key(std::string_view shared_secret) {
  return hmac(shared_secret, "promptsales/cursor/v1");
}

void CursorKeys::follow(std::string_view shared_secret) {
  previous = std::exchange(current, derive_cursor_key(shared_secret));
}

std::string encode_cursor(const PagePosition& at, const Uuid& org, const CursorKey& key) {
  const auto position = pack(at);
  return to_base64url(position + signature(position, org, key));
}

std::optional<PagePosition> decode_cursor(std::string_view text, const Uuid& org, const CursorKeys& keys) {
  if (text.size() > 64) return std::nullopt;
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != kPositionBytes + kSignatureBytes) return std::nullopt;
  const auto position = std::string_view{*bytes}.substr(0, kPositionBytes);
  const auto is_signed_with = [&](const CursorKey& key) {
    return CRYPTO_memcmp(signature(position, org, key).data(), bytes->data() + kPositionBytes,
                         kSignatureBytes) == 0;
  };
  if (!is_signed_with(keys.current) && !is_signed_with(keys.previous)) return std::nullopt;
  return unpack(position);
}

}  // namespace promptsales::backend
