#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "backend/bindings/service.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Connects to NATS, says who we are and waits for its PONG; TLS where the binding or the server demands it.
///
/// Errors   connect_errors; "MessagingUnavailable" when something else than NATS answers.
/// Source   https://docs.nats.io/reference/reference-protocols/nats-protocol
boost::asio::awaitable<Result<void>> greet_nats(boost::asio::io_context& loop, MessagingService service,
                                                std::chrono::milliseconds deadline);

}  // namespace promptsales::backend
