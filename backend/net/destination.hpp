#pragma once

#include <cstdint>
#include <string>

namespace promptsales::backend {

/// Where a TCP client connects to, and how.
struct Destination {
  std::string host;  ///< name or address
  std::uint16_t port;
  bool tls = false;
  std::string ca_file{};  ///< of those who may have signed the server's certificate; empty: the machine's
};

}  // namespace promptsales::backend
