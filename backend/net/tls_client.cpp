#include "backend/net/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <filesystem>

#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {

Result<SslPtr> new_tls_client(const std::string& ca_file, const std::string& host) {
  const auto context = new_tls_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusts = ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                          : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) == 1;
  ERR_clear_error();
  if (!trusts) return Failure{connect_errors::bad_ca()};
  SslPtr session{SSL_new(context.get())};  // which keeps the context alive
  SSL_set_connect_state(session.get());
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  auto* parameters = SSL_get0_param(session.get());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (not_an_address) {
    SSL_set_tlsext_host_name(session.get(), host.c_str());
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
  }
  return session;
}

Error explain_handshake(const SSL* session, int broken_by) {
  const auto verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return connect_errors::wrong_name();
  if (verdict != X509_V_OK) return connect_errors::not_trusted(X509_verify_cert_error_string(verdict));
  if (broken_by == SSL_R_WRONG_VERSION_NUMBER || broken_by == 0) return connect_errors::no_tls();
  return connect_errors::tls_failed(ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, broken_by)));
}

std::string system_ca_file() {
  const char* chosen = std::getenv(X509_get_default_cert_file_env());
  for (const char* file : {chosen, X509_get_default_cert_file(), "/etc/ssl/certs/ca-certificates.crt",
                           "/etc/pki/tls/cert.pem"}) {
    std::error_code ignored;
    if (file != nullptr && std::filesystem::is_regular_file(file, ignored)) return file;
  }
  return "";
}

}  // namespace promptsales::backend
