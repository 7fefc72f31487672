#include "tests/backend/support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace promptsales::backend {
namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

HttpAnswer parse_head(std::string_view head) {
  HttpAnswer answer;
  answer.status = std::atoi(std::string{head.substr(9, 3)}.c_str());
  for (auto at = head.find("\r\n"); at != head.npos && at + 2 < head.size();) {
    const auto end = head.find("\r\n", at + 2);
    const auto line = head.substr(at + 2, end == head.npos ? head.npos : end - at - 2);
    if (const auto colon = line.find(": "); colon != line.npos)
      answer.fields[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end;
  }
  return answer;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval timeout{20, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

bool HttpClient::reachable(std::uint16_t port) { return HttpClient{port}.connected(); }

bool HttpClient::start_tls(SslPtr session) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  tls_ = std::move(session);
  SSL_set_fd(tls_.get(), fd_);
  return SSL_connect(tls_.get()) == 1;
}

bool HttpClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto n = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                        : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool HttpClient::receive() {
  std::array<char, 16384> bytes;
  const auto n = tls_ ? SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                      : recv(fd_, bytes.data(), bytes.size(), 0);
  if (n <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(n));
  return true;
}

std::optional<HttpAnswer> HttpClient::read(bool head_only) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == received_.npos) {
    if (!receive()) return std::nullopt;
  }
  auto answer = parse_head(std::string_view{received_}.substr(0, end + 2));
  received_.erase(0, end + 4);
  const auto length = answer.fields.contains("content-length") && !head_only
                          ? static_cast<std::size_t>(std::stoul(answer.fields["content-length"]))
                          : 0;
  while (received_.size() < length) {
    if (!receive()) return std::nullopt;
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

bool HttpClient::closed_by_server() {
  char byte = 0;
  if (tls_)
    return received_.empty() &&
           SSL_get_error(tls_.get(), SSL_read(tls_.get(), &byte, 1)) == SSL_ERROR_ZERO_RETURN;
  return received_.empty() && recv(fd_, &byte, 1, 0) == 0;
}

std::optional<HttpAnswer> HttpClient::get(const std::string& target) {
  if (!send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n")) return std::nullopt;
  return read();
}

std::optional<HttpAnswer> HttpClient::post(const std::string& target, const std::string& json,
                                           const std::string& extra_fields) {
  const auto head = "POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" +
                    extra_fields + "Content-Length: " + std::to_string(json.size()) + "\r\n\r\n";
  if (!send(head + json)) return std::nullopt;
  return read();
}

std::optional<HttpAnswer> http_get(std::uint16_t port, const std::string& target) {
  HttpClient client{port};
  return client.connected() ? client.get(target) : std::nullopt;
}

}  // namespace promptsales::backend
