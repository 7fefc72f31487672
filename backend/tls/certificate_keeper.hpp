#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "backend/health.hpp"
#include "backend/tls/server_certificate.hpp"

namespace promptsales::backend {

/// The certificate that new clients are served with; follows the files of a directory.
///
/// A change is taken into use when two looks have found the same bytes (a writer that is not atomic is given
/// time to finish) and the pair is whole, fits together and is in date. Otherwise what is in use stays, and
/// `health` says why, until the files are mended. Sessions that have begun keep the certificate they began
/// with.
///
/// Threads  one, the control loop's. `clock` and `health` outlive it.
class CertificateKeeper {
 public:
  /// Errors  as load_server_certificate(). Dates that are wrong are no error here, as no better pair is known
  ///         than this one, and a server that does not start helps nobody.
  static Result<std::unique_ptr<CertificateKeeper>> open(const std::filesystem::path& directory,
                                                         const Clock& clock, Guarded<TlsHealth>& health);

  /// Looks at the files. Call every second.
  void look();
  /// For one client.
  [[nodiscard]] SslPtr new_session() const;

 private:
  CertificateKeeper(std::filesystem::path directory, const Clock& clock, Guarded<TlsHealth>& health)
      : directory_(std::move(directory)), clock_(clock), health_(health) {}
  Result<void> consider(const CertificateFiles& files);
  void use(const CertificateFiles& files, ServerCertificate certificate);
  void report(const Result<void>& outcome);

  const std::filesystem::path directory_;
  const Clock& clock_;
  Guarded<TlsHealth>& health_;
  CertificateFiles used_;
  SslContextPtr context_;
  std::optional<CertificateFiles> seen_;  ///< at the last look; nothing if they could not be read
};

}  // namespace promptsales::backend
