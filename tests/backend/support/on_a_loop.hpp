#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace promptsales::backend {

/// Runs `make(loop)`, which returns an awaitable, on a loop of its own until all is done; gives its result.
template <typename Make>
auto on_a_loop(Make make) {
  boost::asio::io_context loop{1};
  auto result = boost::asio::co_spawn(loop, make(loop), boost::asio::use_future);
  loop.run();
  return result.get();
}

}  // namespace promptsales::backend
