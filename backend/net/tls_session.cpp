#include "backend/net/tls_session.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>

namespace promptsales::backend {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

TlsSession::TlsSession(SslPtr ssl, tcp::socket& socket) : ssl_(std::move(ssl)), socket_(socket) {
  error_code ignored;  // a socket that is already gone shows in the handshake
  socket_.native_non_blocking(true, ignored);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
}

/// OpenSSL knows the descriptor's number only, which belongs to another connection once the socket is closed.
bool TlsSession::closed(error_code& error) const {
  error = socket_.is_open() ? error_code{} : asio::error::operation_aborted;
  ERR_clear_error();
  return static_cast<bool>(error);
}

std::optional<TlsSession::Wait> TlsSession::wanted(int result, error_code& error) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return tcp::socket::wait_read;
    case SSL_ERROR_WANT_WRITE:
      return tcp::socket::wait_write;
    case SSL_ERROR_ZERO_RETURN:
      error = asio::error::eof;
      return std::nullopt;
    default:
      broken_ = true;
      broken_by_ = ERR_GET_REASON(ERR_peek_error());
      error = asio::error::connection_reset;
      return std::nullopt;
  }
}

asio::awaitable<void> TlsSession::handshake(error_code& error) {
  while (!closed(error)) {
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return;
    const auto wait = wanted(result, error);
    if (!wait) co_return;
    co_await socket_.async_wait(*wait, redirect_error(use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<std::size_t> TlsSession::read_some(asio::mutable_buffer into, error_code& error) {
  while (!closed(error)) {
    std::size_t n = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &n);
    if (result == 1) co_return n;
    const auto wait = wanted(result, error);
    if (!wait) co_return 0;
    co_await socket_.async_wait(*wait, redirect_error(use_awaitable, error));
    if (error) co_return 0;
  }
  co_return 0;
}

asio::awaitable<std::size_t> TlsSession::write(asio::const_buffer bytes, error_code& error) {
  std::size_t written = 0;
  while (!closed(error)) {
    if (bytes.size() == 0) co_return written;
    std::size_t n = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n);
    if (result == 1) {
      bytes += n;
      written += n;
      continue;
    }
    const auto wait = wanted(result, error);
    if (!wait) co_return written;
    co_await socket_.async_wait(*wait, redirect_error(use_awaitable, error));
    if (error) co_return written;
  }
  co_return written;
}

void TlsSession::close_notify() {
  error_code gone;
  if (broken_ || closed(gone) || SSL_is_init_finished(ssl_.get()) != 1) return;
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace promptsales::backend
