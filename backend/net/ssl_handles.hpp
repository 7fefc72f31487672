#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace promptsales::backend {

/// OpenSSL's objects with their owner.
struct SslDeleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using SslContextPtr = std::unique_ptr<SSL_CTX, SslDeleter>;
using X509Ptr = std::unique_ptr<X509, SslDeleter>;
using PrivateKeyPtr = std::unique_ptr<EVP_PKEY, SslDeleter>;
using BioPtr = std::unique_ptr<BIO, SslDeleter>;

/// A context with what client and server have in common: TLS 1.2 or newer, forward secrecy and authenticated
/// encryption only, and buffers that an idle session gives back.
[[nodiscard]] SslContextPtr new_tls_context(const SSL_METHOD* method);

}  // namespace promptsales::backend
