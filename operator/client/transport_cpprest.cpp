// The only source that includes cpprestsdk. Its hazards and how each is met are in ARCHITECTURE.md.

#include <utility>  // Boost 1.74's Asio needs it first

#include <cpprest/http_client.h>
#include <netinet/tcp.h>
#include <pplx/threadpool.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "operator/client/current_identity.hpp"
#include "operator/client/token.hpp"
#include "operator/client/transport.hpp"

namespace promptsales::client {
namespace {

namespace http = web::http;

constexpr std::size_t kMaxBody = 16U << 20U;
constexpr int kPoolThreads = 1;  // nothing that runs there waits for anything: see AtOnce

using SteadyInstant = std::chrono::steady_clock::time_point;

/// Has a continuation run by the thread that completes its task, where the library's own scheduler wakes another one for
/// it: three times a request. None of ours or of the library's blocks.
class AtOnce final : public pplx::scheduler_interface {
 public:
  void schedule(pplx::TaskProc_t continuation, void* parameter) override { continuation(parameter); }
};

/// Blocks on a pplx task with a deadline, which pplx itself cannot. The task goes on if the deadline passes.
template <typename T>
class Awaited {
 public:
  explicit Awaited(const pplx::task<T>& task) : task_(task) {
    if (task.is_done()) return;  // so is most of what is read: nobody has to be woken up
    done_ = std::make_shared<Done>();
    task.then([done = done_](const pplx::task<T>& ended) {
      try {
        ended.wait();  // the library ends the process for an exception that nobody has asked for
      } catch (...) {  // get() throws it once more, if the deadline has not passed
      }
      std::lock_guard lock(done->mutex);
      done->set = true;
      done->changed.notify_all();
    });
  }
  [[nodiscard]] bool until(SteadyInstant deadline) const {
    if (!done_) return true;
    std::unique_lock lock(done_->mutex);
    return done_->changed.wait_until(lock, deadline, [this] { return done_->set; });
  }
  /// The task's value; throws what the task threw.
  T get() const { return task_.get(); }

 private:
  struct Done {
    std::mutex mutex;
    std::condition_variable changed;
    bool set = false;
  };
  pplx::task<T> task_;
  std::shared_ptr<Done> done_;  ///< null: the task had ended when this was made
};

Failure timed_out() {
  return failure(Remedy::kRetryWithBackoff, "DeadlineExceeded", "the API server did not answer in time");
}

Failure stopped() { return failure(Remedy::kShutDown, "Stopped", "the exchange was stopped"); }

http::http_request to_library(const HttpRequest& request, const std::string& token) {
  http::http_request out{request.method};
  out.set_request_uri(web::uri{request.target});
  out.headers().add("Accept", request.accept);
  out.headers().add("User-Agent", "promptsales-operator/" PROMPTSALES_VERSION);
  if (!token.empty()) out.headers().add("Authorization", "Bearer " + token);
  if (!request.body.empty()) out.set_body(request.body, request.content_type);
  return out;
}

/// The address family by which a host is reached: IPv6 only if it has no other address.
boost::asio::ip::tcp family_of(const web::uri& server) {
  std::string host = server.host();
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::asio::io_context resolver_loop;
  boost::asio::ip::tcp::resolver resolver{resolver_loop};
  boost::system::error_code error;
  bool only_v6 = false;
  for (const auto& found : resolver.resolve(host, "", error)) {
    if (found.endpoint().address().is_v4()) return boost::asio::ip::tcp::v4();
    only_v6 = true;
  }
  return only_v6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4();
}

/// Opens the socket of a connection before the library does, to set what the library has no setting for: no
/// delay (it sends head and body in two pieces, and Nagle's algorithm holds the second back for 40 ms), and
/// an end of connections whose peer has vanished within 20 s.
template <typename Socket>
void prepare(Socket& socket, boost::asio::ip::tcp family) {
  if (socket.is_open()) return;  // the library asks again for every request on a connection
  boost::system::error_code ignored;
  socket.open(family, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, int value) {
    setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 10);
  set(TCP_KEEPINTVL, 3);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 20'000);
}

/// One request and its response, cancelled when it goes out of scope unfinished: the library would close the connection
/// of a finished one too, if it is not quick enough to put that back among those to be used again.
class Exchange {
 public:
  Exchange(http::client::http_client& client, const http::http_request& request)
      : response_task_(client.request(request, cancel_.get_token())) {}

  ~Exchange() {
    if (!ended_) cancel_.cancel();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void cancel() { cancel_.cancel(); }

  /// Waits for the head. False at the deadline. Throws what the library throws.
  bool await_head(SteadyInstant deadline) {
    const Awaited<http::http_response> head{response_task_};
    if (!head.until(deadline)) return false;
    response_ = head.get();
    body_ = response_.body().streambuf();
    return true;
  }

  [[nodiscard]] int status() const { return response_.status_code(); }
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = response_.headers().find(name);
    return found == response_.headers().end() ? "" : found->second;
  }

  enum class Read { kBytes, kEnd, kTimeout };

  /// Waits for at least one byte, then takes what is there: getn(n) would wait for n bytes, which on a watch
  /// may take minutes.
  Read read(std::string& into, SteadyInstant deadline) {
    const Awaited<int> first{body_.bumpc()};
    if (!first.until(deadline)) return Read::kTimeout;
    const int c = first.get();
    ended_ = c == concurrency::streams::char_traits<std::uint8_t>::eof();
    if (ended_) return Read::kEnd;
    into.assign(1, static_cast<char>(c));
    const std::size_t available = std::min<std::size_t>(body_.in_avail(), 256U << 10U);
    into.resize(1 + available);
    if (available > 0) body_.getn(reinterpret_cast<std::uint8_t*>(into.data()) + 1, available).get();
    return Read::kBytes;
  }

 private:
  pplx::cancellation_token_source cancel_;
  pplx::task<http::http_response> response_task_;
  http::http_response response_;
  concurrency::streams::streambuf<std::uint8_t> body_;
  bool ended_ = false;
};

class CpprestTransport final : public Transport {
 public:
  CpprestTransport(const Config& config, std::unique_ptr<CurrentIdentity> identity, const Clock& clock)
      : server_(config.server),
        token_(config.token, config.token_file, clock),
        identity_(std::move(identity)),
        connections_(connections_with(identity_->get())) {}

  Result<HttpResponse> send(const HttpRequest& request, std::chrono::milliseconds deadline) override {
    const auto end = std::chrono::steady_clock::now() + deadline;
    auto response = guarded([&] { return exchange(request, end); });
    if (response && response->status == 401) refused();
    return response;
  }

  Result<HttpResponse> stream(const HttpRequest& request, const Silence& silence, std::stop_token stop,
                              const OnBytes& on_bytes) override {
    auto response = guarded([&] { return exchange_streaming(request, silence, stop, on_bytes); });
    if (stop.stop_requested()) return stopped();
    if (response && response->status == 401) refused();
    return response;
  }

 private:
  /// Connections that were made with one identity.
  struct Connections {
    CurrentIdentity::Ptr identity;
    std::shared_ptr<http::client::http_client> client;
  };

  [[nodiscard]] Connections connections_with(const CurrentIdentity::Ptr& identity) const {
    return {identity, std::make_shared<http::client::http_client>(server_, settings(server_, identity))};
  }

  /// The connections to send on now. After a change of the certificates new ones are made; what goes on over
  /// the former ones ends in its own time.
  std::shared_ptr<http::client::http_client> client() {
    const auto identity = identity_->get();
    return connections_.with([&](Connections& connections) {
      if (connections.identity != identity) connections = connections_with(identity);
      return connections.client;
    });
  }

  void refused() {
    token_.refused();
    identity_->refused();
  }

  static http::client::http_client_config settings(const web::uri& server,
                                                   const CurrentIdentity::Ptr& identity) {
    http::client::http_client_config settings;
    // The library's own time limit is per step; ours are total or per silence. It must only never be the
    // shorter.
    settings.set_timeout(std::chrono::hours{1});
    settings.set_ssl_context_callback(
        [identity](boost::asio::ssl::context& context) { identity->apply_to(context.native_handle()); });
    const auto family = family_of(server);
    const bool secure = server.scheme() == "https";
    settings.set_nativehandle_options([family, secure](http::client::native_handle handle) {
      using Socket = boost::asio::ip::tcp::socket;
      if (secure) {
        prepare(static_cast<boost::asio::ssl::stream<Socket&>*>(handle)->next_layer(), family);
      } else {
        prepare(*static_cast<Socket*>(handle), family);
      }
    });
    return settings;
  }

  /// No exception leaves this source. What the library throws means that no answer came.
  template <typename F>
  Result<HttpResponse> guarded(F&& f) {
    try {
      return f();
    } catch (const std::exception& e) {
      return failure(Remedy::kRetryWithBackoff, "Unreachable",
                     "the API server at " + server_.to_string() + " gave no answer: " + e.what());
    }
  }

  Result<HttpResponse> exchange(const HttpRequest& request, SteadyInstant end) {
    const auto connections = client();
    Exchange exchange{*connections, to_library(request, token_.current())};
    if (!exchange.await_head(end)) return timed_out();
    HttpResponse response{
        .status = exchange.status(), .body = {}, .retry_after = exchange.header("Retry-After")};
    return read_all(exchange, std::move(response), end);
  }

  static Result<HttpResponse> read_all(Exchange& exchange, HttpResponse response, SteadyInstant end) {
    std::string piece;
    for (;;) {
      switch (exchange.read(piece, end)) {
        case Exchange::Read::kTimeout:
          return timed_out();
        case Exchange::Read::kEnd:
          return response;
        case Exchange::Read::kBytes:
          response.body += piece;
      }
      if (response.body.size() > kMaxBody)
        return failure(Remedy::kRetryWithBackoff, "ResponseTooLarge",
                       "the API server's answer exceeds 16 MiB");
    }
  }

  Result<HttpResponse> exchange_streaming(const HttpRequest& request, const Silence& silence,
                                          const std::stop_token& stop, const OnBytes& on_bytes) {
    const auto patience = [&] { return std::chrono::steady_clock::now() + silence(); };
    const auto connections = client();
    Exchange exchange{*connections, to_library(request, token_.current())};
    const std::stop_callback on_stop(stop, [&] { exchange.cancel(); });
    if (!exchange.await_head(patience())) return timed_out();
    HttpResponse response{
        .status = exchange.status(), .body = {}, .retry_after = exchange.header("Retry-After")};
    if (response.status / 100 != 2) return read_all(exchange, std::move(response), patience());
    std::string piece;
    if (!on_bytes(piece)) return response;
    for (;;) {
      switch (exchange.read(piece, patience())) {
        case Exchange::Read::kTimeout:
          return timed_out();
        case Exchange::Read::kEnd:
          return response;
        case Exchange::Read::kBytes:
          break;
      }
      if (!on_bytes(piece)) return response;
    }
  }

  const web::uri server_;
  Token token_;
  const std::unique_ptr<CurrentIdentity> identity_;
  Guarded<Connections> connections_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_transport(const Config& config, const Clock& clock) {
  auto identity = CurrentIdentity::of(config, clock);
  if (!identity) return Failure{identity.error()};
  try {
    return std::make_unique<CpprestTransport>(config, *std::move(identity), clock);
  } catch (const std::exception& e) {
    return failure(
        Remedy::kShutDown, "BadServer",
        config.source + ": the server '" + config.server + "' is no usable URL (" + e.what() + ")");
  }
}

void initialize_transport_library() {
  // The library asks OpenSSL for the system's trust store at every connection, before our own replaces it.
  setenv("SSL_CERT_FILE", "/dev/null", 1);
  setenv("SSL_CERT_DIR", "/dev/null", 1);
  crossplat::threadpool::initialize_with_threads(kPoolThreads);
  pplx::set_ambient_scheduler(std::make_shared<AtOnce>());
}

}  // namespace promptsales::client
