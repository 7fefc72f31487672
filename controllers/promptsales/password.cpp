#include "controllers/promptsales/password.hpp"

#include <openssl/rand.h>

#include <array>
#include <string_view>

namespace promptsales::controllers {

Result<std::string> random_password() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kLength = 32;
  constexpr unsigned char kUnbiased =
      256 / kAlphabet.size() * kAlphabet.size();  // bytes above would favour some
  std::string password;
  while (password.size() < kLength) {
    std::array<unsigned char, 64> random{};
    if (RAND_bytes(random.data(), random.size()) != 1)
      return failure(Remedy::kRetryWithBackoff, "NoEntropy", "the system's random generator gave nothing");
    for (unsigned char byte : random)
      if (byte < kUnbiased && password.size() < kLength) password += kAlphabet[byte % kAlphabet.size()];
  }
  return password;
}

}  // namespace promptsales::controllers
