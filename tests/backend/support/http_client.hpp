#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "backend/net/ssl_handles.hpp"

namespace promptsales::backend {

/// A reply as a client saw it. Field names are in lower case.
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> fields;
  std::string body;
};

/// One connection to loopback that sends exactly the bytes it is told to.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] static bool reachable(std::uint16_t port);
  [[nodiscard]] bool connected() const { return fd_ >= 0; }

  /// The TLS handshake; from now on everything goes through `session`.
  bool start_tls(SslPtr session);
  [[nodiscard]] SSL* tls() const { return tls_.get(); }

  bool send(std::string_view bytes) const;
  /// The next reply; nothing if the connection ends before it is whole, or after 20 s.
  [[nodiscard]] std::optional<HttpAnswer> read(bool head_only = false);
  /// True once the server has closed (within 20 s), with nothing more sent; with TLS, has said so.
  [[nodiscard]] bool closed_by_server();

  [[nodiscard]] std::optional<HttpAnswer> get(const std::string& target);
  [[nodiscard]] std::optional<HttpAnswer> post(const std::string& target, const std::string& json,
                                               const std::string& extra_fields = "");

 private:
  bool receive();
  int fd_ = -1;
  SslPtr tls_;
  std::string received_;
};

/// GET over a connection of its own.
[[nodiscard]] std::optional<HttpAnswer> http_get(std::uint16_t port, const std::string& target);

}  // namespace promptsales::backend
