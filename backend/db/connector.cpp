#include "backend/db/connector.hpp"

#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <optional>

#include "backend/db/connect_failure.hpp"
#include "backend/db/connect_options.hpp"
#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

/// For the TCP connection alone. What is sent to a pod that has just gone is lost without a word, and a lost packet is
/// sent again after 1 s at the earliest (RFC 6298, 2.1): a new attempt, to where the Service leads by then, is sooner.
constexpr std::chrono::milliseconds kTcpDeadline{1'000};

/// All addresses of the host; none for a Unix socket.
asio::awaitable<Result<std::vector<std::string>>> resolve(asio::io_context& loop, const std::string& host) {
  std::vector<std::string> addresses;
  if (host.starts_with('/')) co_return addresses;
  error_code error;
  asio::ip::tcp::resolver resolver{loop};
  const auto found = co_await resolver.async_resolve(host, "", redirect_error(use_awaitable, error));
  if (error || found.empty()) co_return Failure{connect_errors::host_not_found()};
  for (const auto& each : found) {
    const auto address = each.endpoint().address().to_string();
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  co_return addresses;
}

PgHandle begin(const ConnectOptions& options) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PgHandle connection{PQconnectStartParams(keywords.data(), values.data(), 0)};
  want_sqlstate(connection.get());
  return connection;
}

/// The deadline of the step under way. Shared with the timers' handlers, which may run after the connecting is over.
struct Attempt {
  explicit Attempt(asio::io_context& loop) : timer(loop) {}
  asio::steady_timer timer;
  std::optional<Descriptor> waiting_on;
  bool expired = false;
};

/// From now on `until` is the deadline.
void expire_at(const std::shared_ptr<Attempt>& attempt, std::chrono::steady_clock::time_point until) {
  attempt->timer.expires_at(until);
  attempt->timer.async_wait([attempt](error_code cancelled) {
    // One that was in the queue when the deadline was moved comes uncancelled.
    if (cancelled || attempt->timer.expiry() > std::chrono::steady_clock::now()) return;
    error_code ignored;
    attempt->expired = true;
    if (attempt->waiting_on) attempt->waiting_on->cancel(ignored);
  });
}

/// libpq may change its socket at every step, so each step waits on a duplicate made for it.
asio::awaitable<bool> wait_for(asio::io_context& loop, Attempt& attempt, PGconn* connection,
                               Descriptor::wait_type what) {
  error_code error;
  const int socket = dup(PQsocket(connection));
  if (socket < 0) co_return false;  // out of descriptors: this attempt fails, the next may not
  attempt.waiting_on.emplace(loop, socket);
  co_await attempt.waiting_on->async_wait(what, redirect_error(use_awaitable, error));
  attempt.waiting_on.reset();
  co_return !error && !attempt.expired;
}

asio::awaitable<Result<void>> finish(asio::io_context& loop, std::shared_ptr<Attempt> attempt,
                                     PGconn* connection, std::chrono::steady_clock::time_point until) {
  expire_at(attempt, std::min(until, std::chrono::steady_clock::now() + kTcpDeadline));
  auto step = PGRES_POLLING_WRITING;
  for (bool connected = false; step != PGRES_POLLING_OK;) {
    if (step == PGRES_POLLING_FAILED) co_return Failure{connect_failure(connection)};
    const auto what = step == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
    const bool ready = co_await wait_for(loop, *attempt, connection, what);
    if (!ready) co_return Failure{connect_errors::no_answer()};
    step = PQconnectPoll(connection);
    if (!connected && PQstatus(connection) != CONNECTION_STARTED) {
      connected = true;
      expire_at(attempt, until);
    }
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1)
    co_return Failure{connect_failure(connection)};
  co_return Result<void>{};
}

asio::awaitable<Result<PgHandle>> try_in_order(asio::io_context& loop, const DatabaseService& service,
                                               const std::vector<std::string>& addresses,
                                               std::chrono::steady_clock::time_point until) {
  auto connection = begin(connect_options(service, addresses));
  if (PQstatus(connection.get()) == CONNECTION_BAD) co_return Failure{connect_failure(connection.get())};
  const auto attempt = std::make_shared<Attempt>(loop);
  const auto finished = co_await finish(loop, attempt, connection.get(), until);
  attempt->timer.cancel();
  if (!finished) co_return Failure{finished.error()};
  co_return std::move(connection);
}

}  // namespace

asio::awaitable<Result<PgHandle>> connect_to_any(asio::io_context& loop, const DatabaseService& service,
                                                 std::vector<std::string> addresses,
                                                 std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  // libpq goes on to the next address by itself when one refuses, but not when it is silent.
  for (std::size_t left = addresses.size();; --left) {
    auto connection = co_await try_in_order(loop, service, addresses, until);
    if (connection || left <= 1 || connection.error().reason != connect_errors::no_answer().reason ||
        std::chrono::steady_clock::now() >= until)
      co_return connection;
    std::ranges::rotate(addresses, addresses.begin() + 1);
  }
}

asio::awaitable<Result<PgHandle>> connect_postgres(asio::io_context& loop, const DatabaseService& service,
                                                   std::chrono::milliseconds deadline) {
  auto addresses = co_await resolve(loop, service.host);
  if (!addresses) co_return Failure{addresses.error()};
  co_return co_await connect_to_any(loop, service, std::move(*addresses), deadline);
}

}  // namespace promptsales::backend
