#include "backend/net/ssl_handles.hpp"

#include "base/check.hpp"

namespace promptsales::backend {

SslContextPtr new_tls_context(const SSL_METHOD* method) {
  SslContextPtr context{SSL_CTX_new(method)};
  PS_CHECK(context);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Of TLS 1.2; all suites of TLS 1.3 are of this kind.
  PS_CHECK(SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
  PS_CHECK(SSL_CTX_set1_groups_list(context.get(), "X25519:P-256:P-384") == 1);
  // HTTP and RESP say themselves where a message ends, so a missing close_notify cuts nothing off unseen.
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one system call a record instead of two
  return context;
}

}  // namespace promptsales::backend
