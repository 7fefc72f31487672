#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>

#include "backend/net/ssl_handles.hpp"

namespace promptsales::backend {

/// One TLS session on a TCP socket, of either side.
///
/// OpenSSL reads and writes the socket itself and says what it waits for: asio::ssl::stream would keep some
/// 70 KiB of buffers per connection and copy every byte twice more.
///
/// Errors   eof when the peer has ended the session or the connection, what Asio says when the socket is
///          closed, connection_reset for everything else; broken_by() then says why.
/// Threads  the socket's loop only. The process ignores SIGPIPE. One read and one write may be pending.
class TlsSession {
 public:
  /// `socket` outlives the session.
  TlsSession(SslPtr ssl, boost::asio::ip::tcp::socket& socket);

  boost::asio::awaitable<void> handshake(boost::system::error_code& error);
  /// The bytes of one record or fewer; never 0 without an error.
  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                boost::system::error_code& error);
  /// All of `bytes`.
  boost::asio::awaitable<std::size_t> write(boost::asio::const_buffer bytes,
                                            boost::system::error_code& error);
  /// Tells the peer that nothing more comes, if the socket takes it at once.
  void close_notify();

  /// Whether bytes were received that have not been read.
  [[nodiscard]] bool holds_bytes() const { return SSL_has_pending(ssl_.get()) == 1; }
  /// OpenSSL's reason code (SSL_R_...) of what ended the session; 0 if nothing did.
  [[nodiscard]] int broken_by() const { return broken_by_; }
  [[nodiscard]] const SSL* native() const { return ssl_.get(); }

 private:
  using Wait = boost::asio::ip::tcp::socket::wait_type;
  [[nodiscard]] bool closed(boost::system::error_code& error) const;
  std::optional<Wait> wanted(int result, boost::system::error_code& error);

  const SslPtr ssl_;
  boost::asio::ip::tcp::socket& socket_;
  int broken_by_ = 0;
  bool broken_ = false;
};

}  // namespace promptsales::backend
