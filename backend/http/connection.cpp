#include "backend/http/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "backend/http/problem.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

constexpr std::size_t kHeadRead = 4 * 1024;
constexpr std::size_t kBodyRead = 32 * 1024;
constexpr std::size_t kKeptBytes = 16 * 1024;  // what an idle connection may hold on to
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view as_view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, SslPtr session, ConnectionContext context)
    : channel_(std::move(socket)), context_(context) {
  if (session) channel_.use_tls(std::move(session));
  enter(channel_.tls() ? Phase::kHandshake : Phase::kFirst);
}

awaitable<bool> Connection::secure() {
  boost::system::error_code error;
  co_await channel_.tls()->handshake(error);
  if (error && channel_.tls()->broken_by() == SSL_R_HTTP_REQUEST) co_await refuse_plain_http();
  if (error) co_return false;
  enter(Phase::kFirst);
  co_return true;
}

awaitable<void> Connection::refuse_plain_http() {
  boost::system::error_code error;
  append_reply(unsent_, problem(400, "https-required", "This port speaks HTTPS only; use https://."),
               {.keep_alive = false, .head_only = false, .date = context_.date.now()});
  enter(Phase::kWriting);
  co_await asio::async_write(channel_.socket(), asio::buffer(unsent_), redirect_error(use_awaitable, error));
  co_await linger();
}

// Here and below: each co_await stands alone. g++ 12 miscompiles it in the condition of a loop.
awaitable<void> Connection::run() {
  for (bool open = true; open;) {
    open = co_await read_request();
    if (open) open = co_await answer_request();
  }
  if (last_) co_await linger();
  channel_.close();
}

void Connection::enter(Phase phase) {
  const auto& limits = context_.limits;
  phase_ = phase;
  const auto now = context_.clock.now();
  switch (phase) {
    case Phase::kHandshake:
      deadline_ = now + limits.handshake;
      return;
    case Phase::kFirst:
    case Phase::kHead:
      deadline_ = now + limits.header;
      return;
    case Phase::kIdle:
      deadline_ = now + limits.idle;
      return;
    case Phase::kBody:
    case Phase::kWriting:
      deadline_ = now + limits.body;
      return;
    case Phase::kLingering:
      deadline_ = now + limits.linger;
      return;
    case Phase::kHandling:
      deadline_ = Clock::Instant::max();
      return;  // the handler has deadlines of its own
  }
}

/// True with a whole request in request_; false when the connection is to end (with last_ set: after a
/// reply).
awaitable<bool> Connection::read_request() {
  RequestParser parser{request_, context_.limits};
  for (;;) {
    if (received_.size() > 0) {
      const bool head_was_done = parser.head_done();
      received_.consume(parser.feed(as_view(received_)));
      if (parser.failure()) {
        reply_to_failure(*parser.failure());
        co_await write();
        co_return false;
      }
      if (parser.done()) co_return true;
      if (!head_was_done && parser.head_done()) {
        enter(Phase::kBody);
        if (request_.expects_continue && received_.size() == 0) unsent_ += kContinue;
      } else if (phase_ == Phase::kIdle || phase_ == Phase::kHandling) {
        enter(Phase::kHead);
      }
    } else if (phase_ == Phase::kHandling) {
      enter(Phase::kIdle);
    }
    // Nothing more to answer from what was received: now the gathered replies go out in one write.
    if (!unsent_.empty()) {
      const auto phase = phase_;
      const bool written = co_await write();
      if (!written) co_return false;
      enter(phase);
    }
    const bool more = co_await read_some(parser.head_done() ? kBodyRead : kHeadRead);
    if (!more) co_return false;
  }
}

awaitable<bool> Connection::read_some(std::size_t at_most) {
  boost::system::error_code error;
  if (phase_ == Phase::kIdle && received_.size() == 0 && received_.capacity() > kKeptBytes)
    received_.shrink_to_fit();
  const auto space = received_.prepare(at_most);
  const auto n = co_await channel_.read_some(space, error);
  received_.commit(n);
  co_return !error;
}

/// Gathers the reply; false when it was the last one (and has been written).
awaitable<bool> Connection::answer_request() {
  enter(Phase::kHandling);
  const auto reply = co_await context_.handler.handle(request_);
  last_ = !request_.keep_alive || context_.closing;
  append_reply(
      unsent_, reply,
      {.keep_alive = !last_, .head_only = request_.method == HttpVerb::head, .date = context_.date.now()});
  if (!last_ && unsent_.size() < context_.limits.gathered_bytes) co_return true;
  const bool written = co_await write();
  phase_ = Phase::kHandling;
  co_return written && !last_;
}

void Connection::reply_to_failure(const ParseFailure& failure) {
  last_ = true;
  append_reply(unsent_, problem(failure.status, "malformed-request", failure.detail),
               {.keep_alive = false, .head_only = false, .date = context_.date.now()});
}

awaitable<bool> Connection::write() {
  boost::system::error_code error;
  enter(Phase::kWriting);
  co_await channel_.write(asio::buffer(unsent_), error);
  unsent_.clear();
  if (unsent_.capacity() > kKeptBytes) unsent_.shrink_to_fit();
  co_return !error;
}

/// Closing while the client still sends would make the kernel answer with RST, which can destroy the reply on
/// its way: so say that we are done, and read until the client is, too.
awaitable<void> Connection::linger() {
  boost::system::error_code error;
  enter(Phase::kLingering);
  channel_.finish_sending();
  while (!error) {
    received_.clear();
    const auto space = received_.prepare(kHeadRead);
    co_await channel_.socket().async_read_some(space, redirect_error(use_awaitable, error));
  }
}

void Connection::expire(Clock::Instant now) {
  if (now >= deadline_) abort();
}

bool Connection::idle() const {
  return phase_ == Phase::kIdle && received_.size() == 0 && !channel_.has_unread();
}

void Connection::abort() { channel_.close(); }

}  // namespace promptsales::backend
