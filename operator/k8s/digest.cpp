#include "operator/k8s/digest.hpp"

#include <openssl/evp.h>

#include <array>

#include "base/check.hpp"

namespace promptsales::k8s {

std::string sha256_hex(std::string_view bytes) {
  // Looked up once: OpenSSL 3 does it for every digest otherwise, which takes longer than a short text.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  PS_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kSha256, nullptr) == 1);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(size * std::size_t{2});
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 0xF];
  }
  return text;
}

std::string digest_of(const std::map<std::string, std::string>& data) {
  std::string bytes;
  for (const auto& [key, value] : data) {
    bytes.append(key).append("=").append(value).push_back('\0');
  }
  return sha256_hex(bytes);
}

}  // namespace promptsales::k8s
