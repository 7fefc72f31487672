#include "tests/backend/support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace promptsales::backend {
namespace {

void must(bool worked) {
  if (!worked) throw std::runtime_error{"OpenSSL refuses to make a certificate for the test"};
}

std::string text_of(const BioPtr& bio) {
  char* data = nullptr;
  const auto length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string to_pem(X509* certificate) {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  must(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio);
}

std::string to_pem(EVP_PKEY* key) {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio);
}

PrivateKeyPtr new_key() { return PrivateKeyPtr{EVP_EC_gen("P-256")}; }

void extend(X509* certificate, int kind, const std::string& value) {
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509Ptr unsigned_certificate(EVP_PKEY* key, const std::string& name, std::chrono::seconds from,
                             std::chrono::seconds until) {
  X509Ptr made{X509_new()};
  std::uint32_t serial = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), until.count());
  X509_set_pubkey(made.get(), key);
  auto* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    const bool address = name.find_first_not_of("0123456789.") == name.npos;
    text += (text.empty() ? "" : ",") + std::string{address ? "IP:" : "DNS:"} + name;
  }
  return text;
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& name)
    : key_(new_key()),
      certificate_(unsigned_certificate(key_.get(), name, -std::chrono::hours{48}, std::chrono::hours{480})) {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  pem_ = to_pem(certificate_.get());
}

PemPair CertificateAuthority::issue(const Leaf& leaf) const {
  const auto key = new_key();
  const auto certificate = unsigned_certificate(key.get(), "test leaf", leaf.from, leaf.until);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), NID_subject_alt_name, alternative_names(leaf.names));
  must(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {to_pem(certificate.get()) + pem_, to_pem(key.get())};
}

SslPtr client_session(const CertificateAuthority& ca) {
  const SslContextPtr context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.certificate()) == 1);
  SslPtr session{SSL_new(context.get())};
  must(SSL_set_tlsext_host_name(session.get(), "localhost") == 1);
  must(SSL_set1_host(session.get(), "localhost") == 1);
  return session;
}

void write_pair(const PemPair& pair, const std::filesystem::path& directory, const std::string& user) {
  for (const auto& [name, text] : {std::pair{"tls.crt", pair.certificate}, std::pair{"tls.key", pair.key}}) {
    const auto file = directory / name;
    std::ofstream{file} << text;
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto* entry = user.empty() || geteuid() != 0 ? nullptr : getpwnam(user.c_str());
    if (entry != nullptr) must(chown(file.c_str(), entry->pw_uid, entry->pw_gid) == 0);
  }
}

}  // namespace promptsales::backend
