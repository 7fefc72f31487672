#include "backend/net/dial.hpp"

#include <boost/asio/connect.hpp>

#include "backend/net/connect_errors.hpp"
#include "backend/net/deadline.hpp"
#include "backend/net/tls_client.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

Error explain(const error_code& error) {
  if (error == asio::error::connection_refused) return connect_errors::connection_refused();
  if (error == asio::error::timed_out) return connect_errors::no_answer();
  return connect_errors::unreachable(error.message());
}

}  // namespace

asio::awaitable<Result<void>> secure(asio::io_context& loop, std::shared_ptr<Channel> channel,
                                     Destination destination, std::chrono::milliseconds deadline) {
  auto session = new_tls_client(destination.ca_file, destination.host);
  if (!session) co_return Failure{session.error()};
  const Deadline limit{loop, channel, deadline};
  channel->use_tls(std::move(*session));
  error_code error;
  co_await channel->tls()->handshake(error);
  if (limit.passed()) co_return Failure{connect_errors::no_tls()};  // it waits for us to go on
  if (error) co_return Failure{explain_handshake(channel->tls()->native(), channel->tls()->broken_by())};
  co_return Result<void>{};
}

asio::awaitable<Result<std::shared_ptr<Channel>>> dial(asio::io_context& loop, Destination destination,
                                                       std::chrono::milliseconds deadline) {
  error_code error;
  tcp::resolver resolver{loop};
  const auto port = std::to_string(destination.port);
  const auto found =
      co_await resolver.async_resolve(destination.host, port, redirect_error(use_awaitable, error));
  if (error) co_return Failure{connect_errors::host_not_found()};
  const auto channel = std::make_shared<Channel>(tcp::socket{loop});
  {
    const Deadline limit{loop, channel, deadline};
    co_await asio::async_connect(channel->socket(), found, redirect_error(use_awaitable, error));
    if (limit.passed()) co_return Failure{connect_errors::no_answer()};
    if (error) co_return Failure{explain(error)};
  }
  channel->socket().set_option(tcp::no_delay(true), error);
  if (!destination.tls) co_return channel;
  const auto secured = co_await secure(loop, channel, destination, deadline);
  if (!secured) co_return Failure{secured.error()};
  co_return channel;
}

}  // namespace promptsales::backend
