#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "backend/bindings/service.hpp"
#include "backend/db/pg_handle.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Connects to Postgres without blocking the loop: name, TCP, TLS and authentication are all awaited. The
/// connection comes back in non-blocking pipeline mode.
///
/// Errors   as connect_failure(), also when `deadline` passes, or 1 s without a TCP connection.
boost::asio::awaitable<Result<PgHandle>> connect_postgres(boost::asio::io_context& loop,
                                                          const DatabaseService& service,
                                                          std::chrono::milliseconds deadline);

}  // namespace promptsales::backend
