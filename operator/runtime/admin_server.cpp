#include "operator/runtime/admin_server.hpp"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <thread>

namespace promptsales::runtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

using Routes = std::map<std::string, AdminRoute, std::less<>>;

constexpr auto kRequestTime = std::chrono::seconds{5};
constexpr std::uint32_t kMaxHeader = 8U << 10U;
constexpr int kMaxConnections = 64;
constexpr auto kPauseAfterError = std::chrono::milliseconds{100};

/// One connection: a request, an answer, and again until the client closes or is too slow.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Routes& routes, std::shared_ptr<void> slot)
      : stream_(std::move(socket)), routes_(routes), slot_(std::move(slot)) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeader);
    parser_->body_limit(0);
    stream_.expires_after(kRequestTime);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    const auto& request = parser_->get();
    const AdminAnswer answer = look_up(request);
    response_ = {static_cast<http::status>(answer.status), request.version()};
    response_.set(http::field::content_type, answer.content_type);
    response_.set("X-Content-Type-Options", "nosniff");
    response_.keep_alive(request.keep_alive());
    if (request.method() != http::verb::head) response_.body() = answer.body;
    response_.prepare_payload();
    stream_.expires_after(kRequestTime);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  [[nodiscard]] AdminAnswer look_up(const http::request<http::empty_body>& request) const {
    if (request.method() != http::verb::get && request.method() != http::verb::head)
      return {.status = 405, .body = "only GET\n"};
    const std::string_view target{request.target().data(), request.target().size()};
    const auto route = routes_.find(target.substr(0, target.find('?')));
    if (route == routes_.end())
      return {.status = 404, .body = "not here; try /healthz, /readyz or /metrics\n"};
    return route->second();
  }

  beast::tcp_stream stream_;
  const Routes& routes_;
  std::shared_ptr<void> slot_;  ///< held while this connection counts
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
};

Result<tcp::endpoint> parse_endpoint(const std::string& address) {
  const auto colon = address.rfind(':');
  beast::error_code error;
  std::string host = colon == 0 ? "0.0.0.0" : address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto ip = asio::ip::make_address(host, error);
  const std::string port_text = colon == std::string::npos ? "" : address.substr(colon + 1);
  char* end = nullptr;
  const long port = std::strtol(port_text.c_str(), &end, 10);
  if (error || port_text.empty() || *end != '\0' || port < 0 || port > 65535)
    return failure(
        Remedy::kShutDown, "BadAddress",
        "'" + address + "' is no address to listen on; give it as ADDRESS:PORT, such as 0.0.0.0:8080");
  return tcp::endpoint{ip, static_cast<unsigned short>(port)};
}

}  // namespace

struct AdminServer::Impl {
  asio::io_context loop{1};
  tcp::acceptor acceptor{loop};
  asio::steady_timer pause{loop};
  Routes routes;
  std::shared_ptr<int> slots = std::make_shared<int>(0);  ///< its use count is the number of connections + 1
  std::jthread thread;

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();
      if (slots.use_count() <= kMaxConnections)
        std::make_shared<Session>(std::move(socket), routes, slots)->read();
      accept();
    });
  }

  /// Out of file descriptors or memory: the client stays in the kernel's queue; trying at once would spin.
  void accept_later() {
    pause.expires_after(kPauseAfterError);
    pause.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }
};

AdminServer::AdminServer() : impl_(std::make_unique<Impl>()) {}
AdminServer::~AdminServer() { stop(); }

void AdminServer::route(std::string path, AdminRoute route) {
  impl_->routes.emplace(std::move(path), std::move(route));
}

Result<void> AdminServer::start(const std::string& address) {
  const auto endpoint = parse_endpoint(address);
  if (!endpoint) return Failure{endpoint.error()};
  beast::error_code error;
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error)
    return failure(Remedy::kShutDown, "PortTaken",
                   "cannot listen on " + address + " (" + error.message() +
                       "); stop what uses the port, or choose another one with --listen");
  impl_->accept();
  impl_->thread = std::jthread([this] { impl_->loop.run(); });
  pthread_setname_np(impl_->thread.native_handle(), "admin");
  return {};
}

void AdminServer::stop() {
  impl_->loop.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

unsigned short AdminServer::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace promptsales::runtime
