#include "controllers/promptsales/tls/issue.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <charconv>

#include "base/check.hpp"

namespace promptsales::controllers::tls {
namespace {

constexpr int kVersion3 = 2;      // counted from 0
constexpr int kSerialBits = 159;  // 20 bytes at most and positive (RFC 5280, 4.1.2.2); unguessable
constexpr std::size_t kLongestApp = 40;
constexpr std::string_view kCaWords = " PromptSales CA ";

struct Free {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Failure no_entropy() {
  ERR_clear_error();
  return failure(Remedy::kRetryWithBackoff, "NoEntropy",
                 "the system's random generator gave no serial number");
}

/// Allocation failures and wrong constants only.
void must(bool done) { PS_CHECK(done); }

void set_time(ASN1_TIME* field, WallTime time) {
  must(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time)) != nullptr);
}

/// An extension in OpenSSL's configuration language; `text` is a constant, never anybody's input.
void extend(X509* certificate, const Certificate* issuer, int nid, const char* text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer ? issuer->get() : certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, &context, nid, text)};
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_name(GENERAL_NAMES* names, int type, const std::string& text) {
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  must(value && name && ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1);
  GENERAL_NAME_set0_value(name, type, value);
  must(sk_GENERAL_NAME_push(names, name) > 0);
}

void add_alternative_names(X509* certificate, const LeafName& of) {
  const Owned<GENERAL_NAMES> names{GENERAL_NAMES_new()};
  for (const auto& name : of.dns_names) add_name(names.get(), GEN_DNS, name);
  add_name(names.get(), GEN_URI, of.uri);
  must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), /*crit=*/0, X509V3_ADD_DEFAULT) ==
       1);
}

/// X.520 gives a part of a name 64 characters.
void add_to_subject(X509* certificate, const char* field, std::string_view text) {
  const std::string_view fits = text.substr(0, 64);
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(fits.data()),
                                  static_cast<int>(fits.size()), -1, 0) == 1);
}

/// A certificate with serial number, key and times, and no names yet.
Result<Certificate> begin(const PrivateKey& key, WallTime now, WallTime not_after) {
  Certificate made{X509_new()};
  X509* certificate = made.get();
  const Owned<BIGNUM> serial{BN_new()};
  if (!serial || BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1)
    return no_entropy();
  must(X509_set_version(certificate, kVersion3) == 1);
  must(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr);
  must(X509_set_pubkey(certificate, key.get()) == 1);
  set_time(X509_getm_notBefore(certificate), now - kBackdated);
  set_time(X509_getm_notAfter(certificate), not_after);
  return made;
}

Result<void> sign(const Certificate& certificate, const PrivateKey& key) {
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0) return {};
  return no_entropy();  // what else signing needs is there
}

}  // namespace

Result<Issued> make_authority(const AuthorityName& name, WallTime now) {
  auto key = PrivateKey::make();
  if (!key) return Failure{key.error()};
  auto authority = begin(*key, now, now + kAuthorityLife);
  if (!authority) return Failure{authority.error()};
  X509* certificate = authority->get();
  add_to_subject(certificate, "O", name.ns);
  add_to_subject(certificate, "CN",
                 name.app.substr(0, kLongestApp) + std::string{kCaWords} + std::to_string(name.generation));
  add_to_subject(certificate, "serialNumber", name.uid);
  must(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1);
  extend(certificate, nullptr, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(certificate, nullptr, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(certificate, nullptr, NID_subject_key_identifier, "hash");
  if (auto signed_ = sign(*authority, *key); !signed_) return Failure{signed_.error()};
  return Issued{*std::move(authority), *std::move(key)};
}

std::int64_t generation_of(const Certificate& authority) {
  const std::string name = authority.common_name();
  const auto words = name.rfind(kCaWords);
  if (words == std::string::npos) return 0;
  std::int64_t generation = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + words + kCaWords.size(), end, generation);
  return parsed.ec == std::errc{} && parsed.ptr == end ? generation : 0;
}

Result<Issued> make_leaf(const Issued& authority, const LeafName& name, WallTime now) {
  auto key = PrivateKey::make();
  if (!key) return Failure{key.error()};
  const auto end = std::min<WallTime>(now + kLeafLife, authority.certificate.not_after());
  auto leaf = begin(*key, now, end);
  if (!leaf) return Failure{leaf.error()};
  X509* certificate = leaf->get();
  add_to_subject(certificate, "CN", name.common_name);
  must(X509_set_issuer_name(certificate, X509_get_subject_name(authority.certificate.get())) == 1);
  extend(certificate, &authority.certificate, NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate, &authority.certificate, NID_key_usage, "critical,digitalSignature");
  extend(certificate, &authority.certificate, NID_ext_key_usage, "serverAuth,clientAuth");
  extend(certificate, &authority.certificate, NID_subject_key_identifier, "hash");
  extend(certificate, &authority.certificate, NID_authority_key_identifier, "keyid:always");
  add_alternative_names(certificate, name);
  if (auto signed_ = sign(*leaf, authority.key); !signed_) return Failure{signed_.error()};
  return Issued{*std::move(leaf), *std::move(key)};
}

}  // namespace promptsales::controllers::tls
