#include "backend/net/connect_errors.hpp"

#include <algorithm>
#include <array>

namespace promptsales::backend::connect_errors {
namespace {

Error passes(const char* reason, std::string message) {
  return {Remedy::kRetryWithBackoff, reason, std::move(message)};
}
Error stays(const char* reason, std::string message) {
  return {Remedy::kWaitForSpecChange, reason, std::move(message)};
}

}  // namespace

Error host_not_found() {
  return passes("HostNotFound", "the name in host is not known (DNS has no address for it): correct host");
}
Error connection_refused() {
  return passes("ConnectionRefused",
                "nothing listens at host and port (connection refused): start the server or correct port");
}
Error no_answer() {
  return passes("ConnectTimeout",
                "no answer from host and port in time (timeout): the server hangs, or a firewall or "
                "NetworkPolicy drops the packets");
}
Error unreachable(const std::string& why) {
  return passes("HostUnreachable", "the network does not lead to host: " + why);
}
Error connection_lost() {
  return passes("ConnectionLost", "the server ended the connection while it was being made");
}
Error wrong_password() {
  return stays("WrongPassword",
               "the server refuses username and password: correct them, or set this password on the server");
}
Error missing_password() {
  return stays("MissingPassword", "the server wants a password, and password is missing or empty");
}
Error no_tls() {
  return stays("TlsRefused", "the server does not speak TLS at this port, and the binding demands it");
}
Error tls_required() {
  return stays("TlsRequired", "the server takes this user over TLS only: set sslmode to verify-full");
}
Error tls_failed(const char* why) {
  return stays("TlsFailed",
               "TLS with the server failed: " + std::string{why == nullptr ? "no common ground" : why});
}
Error not_trusted(const std::string& why) {
  return stays("CertificateNotTrusted", "the server's certificate is not trusted (" + why +
                                            "): put the CA that signed it into ca.crt");
}
Error wrong_name() {
  return stays("CertificateWrongName",
               "the server's certificate is for another name than host: use the name that it is for");
}
Error bad_ca() { return stays("BadCa", "ca.crt holds no certificate that can be read"); }
Error no_permission(const std::string& what) {
  return stays("PermissionDenied", "the user in username lacks permission: " + what);
}

std::string_view cause_of(const Error& error) {
  constexpr std::array kLogin{"WrongPassword", "MissingPassword", "AccessRefused", "PermissionDenied"};
  constexpr std::array kAnswers{"TooManyConnections", "ReadOnlyServer"};
  if (std::ranges::find(kLogin, error.reason) != kLogin.end()) return kLoginRefused;
  const bool is_there = std::ranges::find(kAnswers, error.reason) != kAnswers.end();
  return error.remedy == Remedy::kRetryWithBackoff && !is_there ? kUnreachable : "";
}

}  // namespace promptsales::backend::connect_errors
