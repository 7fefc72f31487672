#pragma once

#include <chrono>
#include <cstddef>

namespace promptsales::backend {

/// What one client may cost us. A deadline that passes closes the connection without a reply.
///
/// Units  bytes; durations are checked every `sweep_every`, so they may be late by that much.
struct HttpLimits {
  std::size_t header_bytes = 8 * 1024;   ///< request line and fields together; above: 431
  std::size_t body_bytes = 1024 * 1024;  ///< above: 413
  std::size_t gathered_bytes =
      64 * 1024;                 ///< replies to pipelined requests are written at this size at latest
  std::size_t handshakes = 256;  ///< TLS handshakes under way in one loop; above: the oldest is given up
  std::chrono::milliseconds handshake{5'000};  ///< from accept to the end of the TLS handshake
  std::chrono::milliseconds header{5'000};     ///< from a request's first byte to the end of its head
  std::chrono::milliseconds body{30'000};   ///< from there to the end of its body; also one write of replies
  std::chrono::milliseconds idle{75'000};   ///< between requests; above the 60 s that load balancers use
  std::chrono::milliseconds linger{2'000};  ///< for the client to close first after our last reply
  std::chrono::milliseconds sweep_every{500};
};

}  // namespace promptsales::backend
