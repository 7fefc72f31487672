#include "backend/logic/idempotency.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"

namespace promptsales::backend {

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string request_hash(std::string_view method_and_path, std::string_view body) {
  std::string text{method_and_path};
  text += '\n';
  text += body;
  std::string digest(32, '\0');
  const int ok = EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()),
                            nullptr, EVP_sha256(), nullptr);
  PS_CHECK(ok == 1);
  return digest;
}

}  // namespace promptsales::backend
