#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "backend/net/ssl_handles.hpp"

namespace promptsales::backend {

struct PemPair {
  std::string certificate;  ///< leaf first, then what signed it
  std::string key;
};

/// What a certificate says; times count from now.
struct Leaf {
  std::vector<std::string> names{"localhost", "127.0.0.1"};
  std::chrono::seconds from = -std::chrono::hours{1};
  std::chrono::seconds until = std::chrono::hours{24};
};

/// A CA that signs what a test wants.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name = "Test CA");
  [[nodiscard]] PemPair issue(const Leaf& leaf = {}) const;
  [[nodiscard]] const std::string& pem() const { return pem_; }
  [[nodiscard]] X509* certificate() const { return certificate_.get(); }

 private:
  PrivateKeyPtr key_;
  X509Ptr certificate_;
  std::string pem_;
};

/// A client's session that trusts that CA only and expects the name `localhost`.
[[nodiscard]] SslPtr client_session(const CertificateAuthority& ca);

/// Writes tls.crt and tls.key (0600) into the directory; they belong to `user` where the test runs as root.
void write_pair(const PemPair& pair, const std::filesystem::path& directory, const std::string& user = "");

}  // namespace promptsales::backend
