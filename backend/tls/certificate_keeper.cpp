#include "backend/tls/certificate_keeper.hpp"

#include "backend/log.hpp"
#include "backend/logic/timestamp.hpp"
#include "base/check.hpp"

namespace promptsales::backend {

Result<std::unique_ptr<CertificateKeeper>> CertificateKeeper::open(const std::filesystem::path& directory,
                                                                   const Clock& clock,
                                                                   Guarded<TlsHealth>& health) {
  auto files = read_certificate_files(directory);
  if (!files) return Failure{files.error()};
  auto certificate = load_server_certificate(*files);
  if (!certificate) return Failure{in_context("PROMPTSALES_TLS_DIR", certificate.error())};
  const auto in_date = check_dates(*certificate, clock.wall());
  std::unique_ptr<CertificateKeeper> made{new CertificateKeeper{directory, clock, health}};
  made->use(*files, std::move(*certificate));
  made->seen_ = std::move(*files);
  if (!in_date) made->report(in_date);
  return made;
}

void CertificateKeeper::look() {
  auto files = read_certificate_files(directory_);
  const bool settled = files ? seen_ == *files : !seen_;
  seen_ = files ? std::optional{*files} : std::nullopt;
  if (!settled) return;
  report(files ? consider(*files) : Result<void>{Failure{files.error()}});
}

Result<void> CertificateKeeper::consider(const CertificateFiles& files) {
  auto certificate = load_server_certificate(files);
  if (!certificate) return Failure{certificate.error()};
  if (auto in_date = check_dates(*certificate, clock_.wall()); !in_date) return in_date;
  if (files == used_) return {};
  use(files, std::move(*certificate));
  health_.with([](TlsHealth& tls) { ++tls.applied; });
  return {};
}

void CertificateKeeper::use(const CertificateFiles& files, ServerCertificate certificate) {
  used_ = files;
  context_ = std::move(certificate.context);
  health_.with([&](TlsHealth& tls) { tls.not_after = certificate.not_after; });
  const auto until = to_string(std::chrono::floor<std::chrono::microseconds>(certificate.not_after));
  log_line(LogLevel::kInfo, "certificate in use", {{"not_after", std::string_view{until}}});
}

/// Counts and logs a refusal once, however often the same files are looked at.
void CertificateKeeper::report(const Result<void>& outcome) {
  const auto message = outcome ? std::string{} : outcome.error().message;
  const bool news = health_.with([&](TlsHealth& tls) {
    if (tls.error == message) return false;
    tls.error = message;
    tls.rejected += outcome ? 0 : 1;
    return true;
  });
  if (!news) return;
  if (outcome) return log_line(LogLevel::kInfo, "the certificate's files are in order again");
  log_line(LogLevel::kError, "certificate not taken into use",
           {{"reason", std::string_view{outcome.error().reason}}, {"error", std::string_view{message}}});
}

SslPtr CertificateKeeper::new_session() const {
  SslPtr session{SSL_new(context_.get())};
  PS_CHECK(session);
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace promptsales::backend
