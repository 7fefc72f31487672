// The only source that includes cpprestsdk. Its hazards and how each is met are in ARCHITECTURE.md.

#include <utility>  // Boost 1.74's Asio needs it first

#include <cpprest/http_client.h>
#include <cpprest/producerconsumerstream.h>
#include <netinet/tcp.h>
#include <pplx/threadpool.h>

#include <condition_variable>
#include <cstdlib>
#include <limits>
#include <mutex>

#include "operator/client/current_identity.hpp"
#include "operator/client/token.hpp"
#include "operator/client/transport.hpp"

namespace promptsales::client {
namespace {

namespace http = web::http;

constexpr std::size_t kMaxBody = 16U << 20U;
constexpr std::size_t kRoom = 1U << 20U;  // of what has arrived and is not yet read
constexpr std::size_t kMostAtOnce = std::numeric_limits<std::int32_t>::max();  // of one piece
constexpr int kPoolThreads = 1;  // nothing that runs there waits for anything: see AtOnce

using SteadyInstant = std::chrono::steady_clock::time_point;

/// Has a continuation run by the thread that completes its task, where the library's own scheduler wakes another one for
/// it: three times a request. None of ours or of the library's blocks.
class AtOnce final : public pplx::scheduler_interface {
 public:
  void schedule(pplx::TaskProc_t continuation, void* parameter) override { continuation(parameter); }
};

Failure timed_out() {
  return failure(Remedy::kRetryWithBackoff, "DeadlineExceeded", "the API server did not answer in time");
}

Failure too_large() {
  return failure(Remedy::kRetryWithBackoff, "ResponseTooLarge", "the API server's answer exceeds 16 MiB");
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

/// What has come of a response: the library's thread brings it, one thread of ours takes it. That one is woken for what
/// it waits for and for nothing else: once a request, where the library's own buffer would for the head, for the first
/// byte and for the end.
///
/// It holds `room` bytes and one piece more at most; then the library reads no further until they are taken. A piece is up to
/// 64 KiB of an answer that says its length, and otherwise what the server sends as one chunk: of a watch an event, of a list
/// the whole page, with some servers.
class Incoming {
 public:
  explicit Incoming(std::size_t room) : room_(room) {}

  void head(const http::http_response& response) {
    std::unique_lock lock(mutex_);
    status_ = response.status_code();
    const auto retry_after = response.headers().find("Retry-After");
    if (retry_after != response.headers().end()) retry_after_ = retry_after->second;
    wake(lock, Awaited::kHead);
  }
  pplx::task<std::size_t> bytes(const std::uint8_t* begin, std::size_t count) {
    std::unique_lock lock(mutex_);
    if (abandoned_) return pplx::task_from_exception<std::size_t>(nobody_reads());
    try {  // the library catches nothing here
      if (count > kMostAtOnce) throw std::runtime_error{"a chunk of impossible length"};
      bytes_.append(reinterpret_cast<const char*>(begin), count);
    } catch (...) {
      return pplx::task_from_exception<std::size_t>(std::current_exception());
    }
    if (bytes_.size() <= room_) {
      wake(lock, Awaited::kBytes);
      return pplx::task_from_result(count);
    }
    held_back_ = {.count = count, .taken = {}, .is_held = true};
    const auto taken = held_back_.taken;
    wake(lock, Awaited::kBytes);
    return pplx::create_task(taken);
  }
  void end(const std::exception_ptr& error) {
    std::unique_lock lock(mutex_);
    if (ended_) return;  // what it was cancelled for is not the library's word for that
    ended_ = true;
    error_ = error;
    wake(lock, Awaited::kEnd);
  }

  /// False at the deadline. These throw what the library threw.
  bool await_head(SteadyInstant deadline) {
    std::unique_lock lock(mutex_);
    return await(lock, Awaited::kHead, deadline, [this] { return status_ != 0; });
  }
  /// The whole body, or more than there is room for.
  bool await_end(SteadyInstant deadline) {
    std::unique_lock lock(mutex_);
    return await(lock, Awaited::kEnd, deadline, [this] { return bytes_.size() > room_; });
  }
  /// At least one byte, or the end.
  bool await_bytes(SteadyInstant deadline) {
    std::unique_lock lock(mutex_);
    return await(lock, Awaited::kBytes, deadline, [this] { return !bytes_.empty(); });
  }

  [[nodiscard]] int status() const {
    return status_;
  }  // of a head that was awaited: it does not change again
  [[nodiscard]] const std::string& retry_after() const { return retry_after_; }
  [[nodiscard]] bool ended() {
    std::lock_guard lock(mutex_);
    return ended_;
  }

  /// What is there, in the place of what `into` had, whose memory is used again.
  void take(std::string& into) {
    into.clear();
    if (into.capacity() > kRoom / 4) into = {};  // what a long list needed
    HeldBack held_back;
    {
      std::lock_guard lock(mutex_);
      std::swap(into, bytes_);
      held_back = std::exchange(held_back_, {});
    }
    if (held_back.is_held) held_back.taken.set(held_back.count);  // the library goes on, on this thread
  }
  /// Nobody reads any more.
  void abandon() {
    HeldBack held_back;
    {
      std::lock_guard lock(mutex_);
      abandoned_ = true;
      held_back = std::exchange(held_back_, {});
    }
    if (held_back.is_held) held_back.taken.set_exception(nobody_reads());
  }

 private:
  enum class Awaited { kNothing, kHead, kBytes, kEnd };
  /// A piece that the library will be told to have been put down when there is room again.
  struct HeldBack {
    std::size_t count = 0;
    pplx::task_completion_event<std::size_t> taken;
    bool is_held = false;
  };

  static std::exception_ptr nobody_reads() {
    return std::make_exception_ptr(std::runtime_error{"nobody reads the answer any more"});
  }

  void wake(std::unique_lock<std::mutex>& lock, Awaited what) {
    const bool is_awaited = awaited_ == what || (awaited_ != Awaited::kNothing && ended_) ||
                            (awaited_ == Awaited::kEnd && bytes_.size() > room_);
    lock.unlock();
    if (is_awaited) changed_.notify_one();
  }
  template <typename Condition>
  bool await(std::unique_lock<std::mutex>& lock, Awaited what, SteadyInstant deadline, Condition&& is_there) {
    awaited_ = what;
    const bool in_time = changed_.wait_until(lock, deadline, [&] { return ended_ || is_there(); });
    awaited_ = Awaited::kNothing;
    if (error_ && !is_there()) std::rethrow_exception(error_);
    return in_time;
  }

  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Protected by mutex_:
  Awaited awaited_ = Awaited::kNothing;
  int status_ = 0;
  std::string retry_after_;
  std::string bytes_;
  HeldBack held_back_;
  bool ended_ = false;
  bool abandoned_ = false;
  std::exception_ptr error_;
};

/// What the library takes for its own buffer of a body: nothing is ever read from it.
class Body final : public concurrency::streams::details::basic_producer_consumer_buffer<std::uint8_t> {
 public:
  explicit Body(std::shared_ptr<Incoming> incoming)
      : basic_producer_consumer_buffer(/*alloc_size=*/0), incoming_(std::move(incoming)) {}
  pplx::task<std::size_t> putn_nocopy(const std::uint8_t* begin, std::size_t count) override {
    return incoming_->bytes(begin, count);
  }

 private:
  const std::shared_ptr<Incoming> incoming_;
};

/// One request and its response, cancelled when it goes out of scope unfinished: the library would close the connection
/// of a finished one too, if it is not quick enough to put that back among those to be used again.
class Exchange {
 public:
  Exchange(http::client::http_client& client, http::http_request request, std::size_t room)
      : incoming_(std::make_shared<Incoming>(room)) {
    request.set_response_stream(
        concurrency::streams::streambuf<std::uint8_t>{std::make_shared<Body>(incoming_)}.create_ostream());
    client.request(request, cancel_.get_token())
        .then([incoming = incoming_, cancel = cancel_](const pplx::task<http::http_response>& begun) {
          follow(begun, incoming, cancel);
        });
  }

  ~Exchange() {
    if (!incoming_->ended()) cancel();
    incoming_->abandon();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// By the library's thread: it closes the socket, which that thread may be using. At once for who waits for the answer.
  void cancel() {
    crossplat::threadpool::shared_instance().service().post([cancel = cancel_, incoming = incoming_] {
      if (incoming->ended()) return;
      cancel.cancel();
      incoming->end(std::make_exception_ptr(std::runtime_error{"it was cancelled"}));
    });
  }
  Incoming* operator->() { return incoming_.get(); }

 private:
  /// Asks both of the library's tasks how they have ended: it ends the process for an exception that nobody asks for.
  ///
  /// An interim answer (1xx) that nobody asked for, of a proxy for instance, is an answer for the library: what comes after it
  /// on this connection would be taken for that of the next request. So the connection is closed.
  static void follow(const pplx::task<http::http_response>& begun, const std::shared_ptr<Incoming>& incoming,
                     const pplx::cancellation_token_source& cancel) {
    try {
      const auto response = begun.get();
      const bool is_interim = response.status_code() < 200;
      if (is_interim) {
        cancel.cancel();
        incoming->end(std::make_exception_ptr(
            std::runtime_error{"an interim answer (" + std::to_string(response.status_code()) + ")"}));
      } else {
        incoming->head(response);
      }
      response.content_ready().then([incoming](const pplx::task<http::http_response>& ended) {
        try {
          ended.wait();
          incoming->end(nullptr);
        } catch (...) {
          incoming->end(std::current_exception());
        }
      });
    } catch (...) {
      incoming->end(std::current_exception());
    }
  }

  pplx::cancellation_token_source cancel_;
  const std::shared_ptr<Incoming> incoming_;
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
    settings.set_max_redirects(
        0);  // an API server sends none, and the body of one would be taken for the answer
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
    Exchange exchange{*connections, to_library(request, token_.current()), kMaxBody};
    if (!exchange->await_end(end)) return timed_out();
    HttpResponse response = head_of(exchange);
    exchange->take(response.body);
    return response.body.size() > kMaxBody ? too_large() : Result<HttpResponse>{std::move(response)};
  }

  static HttpResponse head_of(Exchange& exchange) {
    return {.status = exchange->status(), .body = {}, .retry_after = exchange->retry_after()};
  }

  Result<HttpResponse> exchange_streaming(const HttpRequest& request, const Silence& silence,
                                          const std::stop_token& stop, const OnBytes& on_bytes) {
    const auto patience = [&] { return std::chrono::steady_clock::now() + silence(); };
    const auto connections = client();
    Exchange exchange{*connections, to_library(request, token_.current()), kRoom};
    const std::stop_callback on_stop(stop, [&] { exchange.cancel(); });
    if (!exchange->await_head(patience())) return timed_out();
    HttpResponse response = head_of(exchange);
    const bool is_streamed = response.status / 100 == 2;
    std::string piece;
    if (is_streamed && !on_bytes(piece)) return response;
    for (;;) {
      if (!exchange->await_bytes(patience())) return timed_out();
      exchange->take(piece);
      if (piece.empty()) return response;
      if (is_streamed && !on_bytes(piece)) return response;
      if (!is_streamed) response.body += piece;
      if (response.body.size() > kMaxBody) return too_large();
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
