#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace promptsales::backend {

/// Says what was thrown and ends the process.
[[noreturn]] void end_process(const std::exception_ptr& thrown);

/// Begins a coroutine that nobody waits for, such as the one that keeps a connection up; what it returns is dropped. What
/// it throws nobody would hear of, and what it stood for would be missing from then on with every probe content: so it
/// ends the process, and the kubelet starts that anew. A coroutine that serves one client catches what it may throw.
///
/// Threads  any.
template <typename T>
void spawn(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  boost::asio::co_spawn(loop, std::move(work), [](const std::exception_ptr& thrown, auto&&...) {
    if (thrown) end_process(thrown);
  });
}

}  // namespace promptsales::backend
