#include "operator/client/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace promptsales::client {
namespace {

Failure unusable(const std::string& part) {
  char text[160] = "";
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
  ERR_clear_error();
  return failure(Remedy::kShutDown, "CertificateInvalid",
                 "the " + part + " cannot be used (" + text + "); check the kubeconfig or the mounted files");
}

}  // namespace

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::make(const std::string& ca_pem,
                                                             const std::string& cert_pem,
                                                             const std::string& key_pem) {
  auto identity = std::make_shared<TlsIdentity>();
  if (auto ok = identity->read_ca(ca_pem); !ok) return Failure{ok.error()};
  if (auto ok = identity->read_certificate(cert_pem, key_pem); !ok) return Failure{ok.error()};
  return identity;
}

Result<void> TlsIdentity::read_ca(const std::string& pem) {
  trusted_.reset(X509_STORE_new());
  Owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  int count = 0;
  while (Owned<X509> ca{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(trusted_.get(), ca.get());
    ++count;
  }
  if (count == 0 && !pem.empty()) return unusable("CA certificate");
  ERR_clear_error();  // the end of the text is an error to PEM_read
  return {};
}

Result<void> TlsIdentity::read_certificate(const std::string& cert_pem, const std::string& key_pem) {
  if (cert_pem.empty()) return {};
  Owned<BIO> in{BIO_new_mem_buf(cert_pem.data(), static_cast<int>(cert_pem.size()))};
  certificate_.reset(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate_) return unusable("client certificate");
  while (Owned<X509> more{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
    chain_.push_back(std::move(more));
  ERR_clear_error();
  in.reset(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  key_.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  if (!key_) return unusable("client key");
  if (X509_check_private_key(certificate_.get(), key_.get()) != 1)
    return unusable("client certificate with this client key");
  return {};
}

void TlsIdentity::apply_to(SSL_CTX* context) const {
  X509_STORE_up_ref(trusted_.get());
  SSL_CTX_set_cert_store(context, trusted_.get());  // takes the reference
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (!certificate_) return;
  SSL_CTX_use_certificate(context, certificate_.get());
  for (const auto& link : chain_) SSL_CTX_add1_chain_cert(context, link.get());
  SSL_CTX_use_PrivateKey(context, key_.get());
}

}  // namespace promptsales::client
