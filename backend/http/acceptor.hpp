#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace promptsales::backend {

/// A listening socket on all addresses (IPv6 and IPv4 where the host has both).
///
/// There is one per port, and it hands each connection to a loop: with SO_REUSEPORT the kernel would deal
/// them out by hash, one busy loop would delay its share, and a second server on the same port would go
/// unnoticed. Threads  one loop, the one that it was made with.
class Acceptor {
 public:
  /// Says which loop the next connection goes to; that loop owns the socket from the accept on.
  using Choose = std::function<boost::asio::io_context&()>;
  /// Takes the socket, in the acceptor's thread.
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Errors  the port is taken or not permitted: the message says which setting (`variable`) to change.
  static Result<std::unique_ptr<Acceptor>> listen(boost::asio::io_context& loop, std::uint16_t port,
                                                  std::string_view variable);

  /// The real port, also when 0 was asked for.
  [[nodiscard]] std::uint16_t port() const;
  /// Accepts until close().
  boost::asio::awaitable<void> run(Choose choose, Take take);
  /// Takes what the kernel has already accepted for us, then stops listening: clients in the queue would see
  /// a reset otherwise.
  void close(const Choose& choose, const Take& take);

 private:
  explicit Acceptor(boost::asio::io_context& loop) : acceptor_(loop), loop_(loop) {}
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::io_context& loop_;
};

}  // namespace promptsales::backend
