#pragma once

#include <filesystem>
#include <string>

#include "backend/net/ssl_handles.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// The files tls.crt (the certificate, then those that signed it) and tls.key of one directory.
struct CertificateFiles {
  std::string certificate;
  std::string key;
  friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

/// Reads both of the same moment: a kubelet replaces all files of a directory at once, by a link, so the link
/// is followed once.
///
/// Errors  "CertificateUnreadable".
[[nodiscard]] Result<CertificateFiles> read_certificate_files(const std::filesystem::path& directory);

/// A pair that clients can be served with.
struct ServerCertificate {
  SslContextPtr context;  ///< offers HTTP/1.1, resumes sessions by tickets
  Clock::WallTime not_before;
  Clock::WallTime not_after;
};

/// Errors  "CertificateMalformed": a file is not what it should be, or only half of it.
/// "CertificateMismatch":
///         the key belongs to another certificate. No part of a file is quoted.
[[nodiscard]] Result<ServerCertificate> load_server_certificate(const CertificateFiles& files);

/// Errors  "CertificateExpired", "CertificateNotYetValid".
[[nodiscard]] Result<void> check_dates(const ServerCertificate& certificate, Clock::WallTime now);

}  // namespace promptsales::backend
