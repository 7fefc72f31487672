#include "backend/http/acceptor.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

#include "backend/log.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  if (acceptor.is_open()) acceptor.close(error);
  error.clear();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (!error) acceptor.non_blocking(true, error);
  return error;
}

std::string explain(const error_code& error, std::uint16_t port, std::string_view variable) {
  const auto number = std::to_string(port);
  const auto set = "set " + std::string{variable} + " to another port";
  if (error == asio::error::address_in_use)
    return "port " + number + " is taken by another program: stop that program or " + set;
  if (error == asio::error::access_denied)
    return "port " + number + " needs a privilege (ports below 1024 do): " + set;
  return "cannot listen on port " + number + " (" + error.message() + "): " + set;
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::listen(asio::io_context& loop, std::uint16_t port,
                                                   std::string_view variable) {
  std::unique_ptr<Acceptor> made{new Acceptor{loop}};
  auto error = open(made->acceptor_, tcp::endpoint{tcp::v6(), port});
  // A host without IPv6 has no IPv6 sockets, or has no address to bind them to.
  if (error == asio::error::address_family_not_supported ||
      error == error_code{EADDRNOTAVAIL, error.category()})
    error = open(made->acceptor_, tcp::endpoint{tcp::v4(), port});
  if (error) return failure(Remedy::kShutDown, "CannotListen", explain(error, port, variable));
  return made;
}

std::uint16_t Acceptor::port() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

asio::awaitable<void> Acceptor::run(Choose choose, Take take) {
  while (acceptor_.is_open()) {
    error_code error;
    auto socket = co_await acceptor_.async_accept(choose(), asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      take(std::move(socket));
    } else if (acceptor_.is_open() && error != asio::error::connection_aborted) {
      // Out of file descriptors or memory: the queue keeps the client; trying again at once would spin.
      log_line(LogLevel::kWarn, "cannot accept a connection", {{"error", std::string_view{error.message()}}});
      asio::steady_timer pause{loop_, std::chrono::milliseconds{100}};
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

void Acceptor::close(const Choose& choose, const Take& take) {
  error_code error;
  for (;;) {
    auto socket = acceptor_.accept(choose(), error);
    if (error) break;
    take(std::move(socket));
  }
  acceptor_.close(error);
}

}  // namespace promptsales::backend
