#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/db/pg_handle.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Connects to Postgres without blocking the loop: name, TCP, TLS and authentication are all awaited. The
/// connection comes back in non-blocking pipeline mode. Of several addresses of the host the first is taken that
/// answers and may be written to.
///
/// Errors   as connect_failure(), also when `deadline` passes, or 1 s without a TCP connection to any address.
boost::asio::awaitable<Result<PgHandle>> connect_postgres(boost::asio::io_context& loop,
                                                          const DatabaseService& service,
                                                          std::chrono::milliseconds deadline);

/// The same by addresses that are known; none for a Unix socket.
boost::asio::awaitable<Result<PgHandle>> connect_to_any(boost::asio::io_context& loop,
                                                        const DatabaseService& service,
                                                        std::vector<std::string> addresses,
                                                        std::chrono::milliseconds deadline);

}  // namespace promptsales::backend
