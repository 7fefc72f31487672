#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "backend/net/channel.hpp"
#include "backend/net/destination.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// Connects: name, TCP and TLS, all awaited, TCP and TLS within `deadline` each.
///
/// Errors   connect_errors.
boost::asio::awaitable<Result<std::shared_ptr<Channel>>> dial(boost::asio::io_context& loop,
                                                              Destination destination,
                                                              std::chrono::milliseconds deadline);

/// TLS on a connection that has begun without, within `deadline`.
boost::asio::awaitable<Result<void>> secure(boost::asio::io_context& loop, std::shared_ptr<Channel> channel,
                                            Destination destination, std::chrono::milliseconds deadline);

}  // namespace promptsales::backend
