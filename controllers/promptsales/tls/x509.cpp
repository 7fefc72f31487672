#include "controllers/promptsales/tls/x509.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <algorithm>

#include "base/check.hpp"

namespace promptsales::controllers::tls {
namespace {

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> reader(std::string_view text) {
  Owned<BIO> in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  PS_CHECK(in);
  return in;
}

/// What `write` puts into memory.
std::string written(auto&& write) {
  Owned<BIO> out{BIO_new(BIO_s_mem())};
  PS_CHECK(out && write(out.get()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// CAs that never end have the year 9999, which the clock's nanoseconds do not reach: it stands for their
/// last. A time that is none has always been over.
WallTime time_of(const ASN1_TIME* time) {
  using std::chrono::seconds;
  static constexpr auto kLast = std::chrono::floor<seconds>(WallTime::max());
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::sys_seconds since{seconds{timegm(&parts)}};
  return std::clamp(since, std::chrono::sys_seconds{}, kLast);
}

/// Nobody is there to be asked for a pass phrase.
int no_pass_phrase(char*, int, int, void*) { return -1; }

Failure unreadable(std::string message) {
  ERR_clear_error();
  return failure(Remedy::kRetryWithBackoff, "CertificateUnreadable", std::move(message));
}

}  // namespace

PrivateKey::PrivateKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

Result<PrivateKey> PrivateKey::make() {
  if (EVP_PKEY* key = EVP_EC_gen("P-256")) return PrivateKey{key};
  ERR_clear_error();
  return failure(Remedy::kRetryWithBackoff, "NoEntropy", "the system's random generator gave no key");
}

Result<PrivateKey> PrivateKey::parse(std::string_view pem) {
  const auto in = reader(pem);
  if (EVP_PKEY* key = PEM_read_bio_PrivateKey(in.get(), nullptr, no_pass_phrase, nullptr))
    return PrivateKey{key};
  return unreadable("no private key in PEM without a pass phrase");
}

std::string PrivateKey::pem() const {
  return written([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  });
}

Certificate::Certificate(X509* certificate) : certificate_(certificate, X509_free) { PS_CHECK(certificate); }

Result<std::vector<Certificate>> Certificate::parse_all(std::string_view pem) {
  ERR_clear_error();
  std::vector<Certificate> all;
  const auto in = reader(pem);
  while (X509* next = PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr)) all.emplace_back(next);
  const auto error = ERR_peek_last_error();
  const bool at_the_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!at_the_end)
    return unreadable("certificate " + std::to_string(all.size() + 1) + " is damaged or not in PEM");
  ERR_clear_error();
  return all;
}

WallTime Certificate::not_before() const { return time_of(X509_get0_notBefore(certificate_.get())); }
WallTime Certificate::not_after() const { return time_of(X509_get0_notAfter(certificate_.get())); }

bool Certificate::is_ca() const { return X509_check_ca(certificate_.get()) != 0; }

std::string Certificate::subject() const {
  return written([&](BIO* out) {
    return X509_NAME_print_ex(out, X509_get_subject_name(certificate_.get()), 0,
                              XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;
  });
}

std::string Certificate::common_name() const {
  const X509_NAME* subject = X509_get_subject_name(certificate_.get());
  int last = -1;
  for (int at = last; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return "";
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

std::vector<std::string> Certificate::alternative_names(int type) const {
  std::vector<std::string> found;
  const Owned<GENERAL_NAMES> names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate_.get(), NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == type) found.push_back(text_of(name->d.ia5));
  }
  return found;
}

std::vector<std::string> Certificate::dns_names() const { return alternative_names(GEN_DNS); }
std::vector<std::string> Certificate::uris() const { return alternative_names(GEN_URI); }

bool Certificate::covers(const std::string& host) const {
  // A wildcard is asked for as such: it is in the certificate or it is not.
  if (host.starts_with("*.")) {
    for (const auto& name : dns_names())
      if (name == host) return true;
    return false;
  }
  return X509_check_host(certificate_.get(), host.c_str(), host.size(),
                         X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                         nullptr) == 1;
}

bool Certificate::names_as_issuer(const Certificate& issuer) const {
  return X509_check_issued(issuer.certificate_.get(), certificate_.get()) == X509_V_OK;
}

bool Certificate::is_signed_by(const Certificate& issuer) const {
  const bool verified = names_as_issuer(issuer) &&
                        X509_verify(certificate_.get(), X509_get0_pubkey(issuer.certificate_.get())) == 1;
  ERR_clear_error();
  return verified;
}

bool Certificate::belongs_to(const PrivateKey& key) const {
  const bool belongs = X509_check_private_key(certificate_.get(), key.get()) == 1;
  ERR_clear_error();
  return belongs;
}

std::string Certificate::pem() const {
  return written([&](BIO* out) { return PEM_write_bio_X509(out, certificate_.get()) == 1; });
}

bool Certificate::operator==(const Certificate& other) const {
  return X509_cmp(certificate_.get(), other.certificate_.get()) == 0;
}

}  // namespace promptsales::controllers::tls
