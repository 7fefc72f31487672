#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "backend/net/tls_session.hpp"

namespace promptsales::backend {

/// A TCP connection, with TLS or without: which one is asked once per operation, so that plain connections
/// cost what a bare socket does.
///
/// Threads  the socket's loop only.
class Channel {
 public:
  explicit Channel(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// From now on all bytes go through `session`; handshake() comes next. The socket is connected.
  void use_tls(SslPtr session) { tls_.emplace(std::move(session), socket_); }

  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                boost::system::error_code& error) {
    namespace asio = boost::asio;
    return tls_ ? tls_->read_some(into, error)
                : socket_.async_read_some(asio::buffer(into),
                                          asio::redirect_error(asio::use_awaitable, error));
  }
  /// All of `bytes`.
  boost::asio::awaitable<std::size_t> write(boost::asio::const_buffer bytes,
                                            boost::system::error_code& error) {
    namespace asio = boost::asio;
    return tls_ ? tls_->write(bytes, error)
                : asio::async_write(socket_, asio::buffer(bytes),
                                    asio::redirect_error(asio::use_awaitable, error));
  }

  /// Says that nothing more will be sent; what the peer still sends can be read from socket().
  void finish_sending();
  /// Ends the connection at once; pending operations return an error.
  void close();
  /// Whether the peer has sent anything that was not read yet.
  [[nodiscard]] bool has_unread() const;

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
  [[nodiscard]] std::optional<TlsSession>& tls() { return tls_; }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::optional<TlsSession> tls_;
};

}  // namespace promptsales::backend
