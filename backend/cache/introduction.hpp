#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "backend/bindings/service.hpp"
#include "backend/cache/redis_link.hpp"

namespace promptsales::backend {

/// One command and its answer.
boost::asio::awaitable<Result<RespValue>> ask(std::shared_ptr<RedisLink> link,
                                              std::vector<std::string_view> command);

/// The first words on a link that is being served: AUTH, SELECT and PING, each of which must be accepted, and
/// the connection's name, which need not be.
///
/// Errors   connect_errors, and "CacheRefused"; no argument of a command is ever quoted.
boost::asio::awaitable<Result<void>> introduce(std::shared_ptr<RedisLink> link,
                                               std::shared_ptr<const CacheService> service);

}  // namespace promptsales::backend
