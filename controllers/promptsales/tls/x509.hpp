#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace promptsales::controllers::tls {

using WallTime = Clock::WallTime;

/// A private key. Its text is only ever put into Secrets.
///
/// Threads  immutable; copies share it.
class PrivateKey {
 public:
  /// A new key on the curve P-256: small, quick, and understood by every client of the last ten years.
  /// Errors   NoEntropy.
  [[nodiscard]] static Result<PrivateKey> make();
  /// Errors   CertificateUnreadable; also for a key that is encrypted, as nobody could say its pass phrase.
  [[nodiscard]] static Result<PrivateKey> parse(std::string_view pem);

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] EVP_PKEY* get() const { return key_.get(); }

 private:
  explicit PrivateKey(EVP_PKEY* key);

  std::shared_ptr<EVP_PKEY> key_;
};

/// An X.509 certificate, as facts.
///
/// Threads  immutable; copies share it.
class Certificate {
 public:
  /// REQUIRES certificate != nullptr, which it then owns
  explicit Certificate(X509* certificate);

  /// Every certificate of a PEM text, in its order; what stands between them is passed over. Empty for an
  /// empty text.
  /// Errors   CertificateUnreadable: a block that is no certificate.
  [[nodiscard]] static Result<std::vector<Certificate>> parse_all(std::string_view pem);

  [[nodiscard]] WallTime not_before() const;
  [[nodiscard]] WallTime not_after() const;
  [[nodiscard]] bool is_ca() const;
  /// "CN=demo,O=shop": RFC 2253, for people.
  [[nodiscard]] std::string subject() const;
  /// The last CN of the subject, or empty.
  [[nodiscard]] std::string common_name() const;
  /// Subject alternative names of type DNS and URI, in their order.
  [[nodiscard]] std::vector<std::string> dns_names() const;
  [[nodiscard]] std::vector<std::string> uris() const;
  /// Whether a client that asked for this host would accept it; wildcards stand for one whole label.
  [[nodiscard]] bool covers(const std::string& host) const;
  /// Names and key identifiers say so: all that is needed among certificates of our own making, and a
  /// hundredth of the time that a signature takes.
  [[nodiscard]] bool names_as_issuer(const Certificate& issuer) const;
  /// The same, and the signature is right. Says nothing of time.
  [[nodiscard]] bool is_signed_by(const Certificate& issuer) const;
  [[nodiscard]] bool belongs_to(const PrivateKey& key) const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] X509* get() const { return certificate_.get(); }

  bool operator==(const Certificate& other) const;

 private:
  [[nodiscard]] std::vector<std::string> alternative_names(int type) const;

  std::shared_ptr<X509> certificate_;
};

}  // namespace promptsales::controllers::tls
