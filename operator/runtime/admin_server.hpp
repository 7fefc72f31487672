#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace promptsales::runtime {

/// An answer of the admin server.
struct AdminAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

/// Answers a GET for one path. Called on the server's thread; must not block.
using AdminRoute = std::function<AdminAnswer()>;

/// `/healthz`, `/readyz` and `/metrics` for the kubelet and Prometheus, plain HTTP.
///
/// Bounds   8 KiB of header, 5 s per request, 64 connections: a client that sends slowly or for ever costs
///          nothing.
/// Threads  one of its own.
/// Not      for the public: no TLS, no authentication, GET only.
class AdminServer {
 public:
  AdminServer();
  ~AdminServer();

  /// Before start().
  void route(std::string path, AdminRoute route);

  /// Listens on "ADDRESS:PORT"; port 0 takes a free one.
  /// Errors   PortTaken, BadAddress: with the address and the remedy.
  [[nodiscard]] Result<void> start(const std::string& address);
  void stop();
  [[nodiscard]] unsigned short port() const;

 private:
  struct Impl;  ///< keeps Boost.Beast out of this header
  std::unique_ptr<Impl> impl_;
};

}  // namespace promptsales::runtime
