#include "backend/tls/server_certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>

#include "backend/logic/timestamp.hpp"

namespace promptsales::backend {
namespace {

namespace fs = std::filesystem;

Failure refused(std::string reason, std::string message) {
  ERR_clear_error();
  return failure(Remedy::kRetryWithBackoff, std::move(reason), std::move(message));
}

std::optional<std::string> content(const fs::path& path) {
  std::ifstream file{path};
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

BioPtr reading(const std::string& text) {
  return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

Clock::WallTime to_wall(const ASN1_TIME* time) {
  std::tm utc{};
  ASN1_TIME_to_tm(time, &utc);
  return std::chrono::system_clock::from_time_t(timegm(&utc));
}

std::string in_words(Clock::WallTime time) {
  return to_string(std::chrono::floor<std::chrono::microseconds>(time));
}

/// HTTP/1.1 is what we speak; a client that offers protocols without it is told so (RFC 7301 section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* match = nullptr;
  const int found =
      SSL_select_next_proto(&match, chosen_size, kHttp11, sizeof kHttp11, offered, offered_size);
  *chosen = match;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

SslContextPtr new_server_context() {
  auto context = new_tls_context(TLS_server_method());
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets need no memory of ours
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

/// The leaf first, then the chain, to the end of the text; false if something of it is no certificate.
bool use_chain(SSL_CTX* context, const std::string& text) {
  const auto bio = reading(text);
  const X509Ptr leaf{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return false;
  while (auto* issuer = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    if (SSL_CTX_add0_chain_cert(context, issuer) != 1) return false;
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end;
}

}  // namespace

Result<CertificateFiles> read_certificate_files(const fs::path& directory) {
  std::error_code error;
  const auto certificate = fs::canonical(directory / "tls.crt", error);
  if (error)
    return refused("CertificateUnreadable", (directory / "tls.crt").string() + ": " + error.message());
  auto first = content(certificate);
  auto second = content(certificate.parent_path() / "tls.key");
  if (!first || !second)
    return refused("CertificateUnreadable", (directory / (first ? "tls.key" : "tls.crt")).string() +
                                                " cannot be read: it must be there and readable");
  return CertificateFiles{std::move(*first), std::move(*second)};
}

Result<ServerCertificate> load_server_certificate(const CertificateFiles& files) {
  auto context = new_server_context();
  if (!use_chain(context.get(), files.certificate))
    return refused("CertificateMalformed", "tls.crt is not a whole chain of PEM certificates, leaf first");
  const auto bio = reading(files.key);
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const PrivateKeyPtr key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  if (!key)
    return refused("CertificateMalformed", "tls.key is not a private key in PEM without a passphrase");
  const auto* leaf = SSL_CTX_get0_certificate(context.get());
  if (X509_check_private_key(leaf, key.get()) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
    return refused("CertificateMismatch", "tls.key does not belong to the first certificate in tls.crt");
  return ServerCertificate{std::move(context), to_wall(X509_get0_notBefore(leaf)),
                           to_wall(X509_get0_notAfter(leaf))};
}

Result<void> check_dates(const ServerCertificate& certificate, Clock::WallTime now) {
  if (now >= certificate.not_after)
    return refused("CertificateExpired",
                   "the certificate in tls.crt has expired at " + in_words(certificate.not_after));
  if (now < certificate.not_before)
    return refused("CertificateNotYetValid",
                   "the certificate in tls.crt is valid from " + in_words(certificate.not_before) + " on");
  return {};
}

}  // namespace promptsales::backend
