#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace promptsales::client {

/// What a connection needs for TLS, parsed once and shared by all of them: the library above makes one
/// SSL_CTX per connection, and a trust store in each would cost about 1 MiB.
///
/// Threads  immutable after make(); OpenSSL counts the references.
class TlsIdentity {
 public:
  /// Errors   CertificateInvalid naming the part (CA, client certificate, client key) that cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<const TlsIdentity>> make(const std::string& ca_pem,
                                                                       const std::string& cert_pem,
                                                                       const std::string& key_pem);

  /// Makes `context` trust the CA alone, present the client certificate, refuse TLS below 1.2, and give back
  /// read and write buffers of idle connections.
  void apply_to(SSL_CTX* context) const;

 private:
  struct Free {
    void operator()(X509_STORE* p) const { X509_STORE_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(BIO* p) const { BIO_free(p); }
  };
  template <typename T>
  using Owned = std::unique_ptr<T, Free>;

  [[nodiscard]] Result<void> read_ca(const std::string& pem);
  [[nodiscard]] Result<void> read_certificate(const std::string& cert_pem, const std::string& key_pem);

  Owned<X509_STORE> trusted_;
  Owned<X509> certificate_;
  std::vector<Owned<X509>> chain_;
  Owned<EVP_PKEY> key_;
};

}  // namespace promptsales::client
