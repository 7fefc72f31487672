#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/clock.hpp"
#include "base/http_message.hpp"
#include "base/result.hpp"
#include "operator/client/config.hpp"

namespace promptsales::client {

/// How long a stream may be silent. Asked anew at every wait, as it may change on the way: on the calling thread.
using Silence = std::function<std::chrono::milliseconds()>;

/// Bytes to and from one API server. Knows HTTP and TLS, nothing of Kubernetes.
///
/// Threads  every member may be called from any thread, at once; each call blocks its own thread only.
/// Errors   Unreachable (no answer; the request may or may not have been carried out), DeadlineExceeded,
///          Stopped, ResponseTooLarge. HTTP errors are responses, not failures.
class Transport {
 public:
  virtual ~Transport() = default;

  /// One exchange within `deadline` in all, response body of at most 16 MiB included.
  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request,
                                                  std::chrono::milliseconds deadline) = 0;

  /// Receives a piece of the body, in order, on the calling thread; the first is empty, and says that the server has
  /// accepted the request. False ends the exchange.
  using OnBytes = std::function<bool(std::string_view)>;

  /// An exchange whose 2xx body is passed on as it arrives; of other responses the body is in the result.
  /// Ends when the server ends it, when `on_bytes` returns false, when nothing arrived for `silence`
  /// (DeadlineExceeded), or when `stop` is requested (Stopped, within milliseconds).
  [[nodiscard]] virtual Result<HttpResponse> stream(const HttpRequest& request, const Silence& silence,
                                                    std::stop_token stop, const OnBytes& on_bytes) = 0;
};

/// A transport of its own: connections, TLS state and tokens are shared with no other.
///
/// Errors   certificates that cannot be used, by name, before anything is sent.
/// Not      more than HTTP/1.1; no proxies. TLS 1.2 at least; only the given CA is trusted.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_transport(const Config& config, const Clock& clock);

/// Prepares the process for transports: must be called first thing in main(), once.
/// Bounds the library's thread pool and keeps it from reading the system's CA bundle for every connection.
void initialize_transport_library();

}  // namespace promptsales::client
