#include "backend/net/channel.hpp"

namespace promptsales::backend {

using boost::system::error_code;

void Channel::finish_sending() {
  if (tls_) tls_->close_notify();
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void Channel::close() {
  if (tls_) tls_->close_notify();
  error_code ignored;
  socket_.close(ignored);
}

bool Channel::has_unread() const {
  error_code error;
  return (tls_ && tls_->holds_bytes()) || socket_.available(error) > 0;
}

}  // namespace promptsales::backend
