#include "backend/messaging/nats_greeting.hpp"

#include <nlohmann/json.hpp>

#include "backend/net/connect_errors.hpp"
#include "backend/net/connection_name.hpp"
#include "backend/net/deadline.hpp"
#include "backend/net/dial.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kLongestLine = 64 * 1024;  // INFO names the servers of the cluster

Failure not_nats() {
  return failure(Remedy::kWaitForSpecChange, "MessagingUnavailable",
                 "what answers at host and port is not NATS: correct port");
}

std::string connect_line(const MessagingService& service) {
  nlohmann::json options{{"verbose", false}, {"pedantic", false},
                         {"lang", "c++"},    {"version", PROMPTSALES_VERSION},
                         {"protocol", 1},    {"name", kConnectionName}};
  if (!service.user.empty()) {
    options["user"] = service.user;
    options["pass"] = service.password;
  } else if (!service.password.empty()) {
    options["auth_token"] = service.password;
  }
  return "CONNECT " + options.dump() + "\r\nPING";
}

/// The server's "-ERR 'Authorization Violation'", sorted.
Error explain(const std::string& line) {
  if (line.find("uthorization") != line.npos || line.find("uthentication") != line.npos)
    return connect_errors::wrong_password();
  if (line.find("TLS") != line.npos) return connect_errors::tls_failed("the server demands TLS");
  return {Remedy::kRetryWithBackoff, "MessagingUnavailable", "the server refuses the connection"};
}

}  // namespace

asio::awaitable<std::optional<std::string>> NatsConversation::next() {
  for (;;) {
    if (const auto end = received_.find("\r\n"); end != received_.npos) {
      auto line = received_.substr(0, end);
      received_.erase(0, end + 2);
      co_return line;
    }
    if (received_.size() > kLongestLine) co_return std::nullopt;
    std::array<char, 4096> bytes;
    error_code error;
    const auto n = co_await channel_->read_some(asio::buffer(bytes), error);
    if (error) co_return std::nullopt;
    heard_ = true;
    received_.append(bytes.data(), n);
  }
}

asio::awaitable<bool> NatsConversation::say(std::string line) {
  unsent_ += line + "\r\n";
  if (sending_) co_return true;
  sending_ = true;
  error_code error;
  while (!error && !unsent_.empty()) {
    const std::string bytes = std::exchange(unsent_, {});
    co_await channel_->write(asio::buffer(bytes), error);
  }
  sending_ = false;
  co_return !error;
}

asio::awaitable<Error> NatsConversation::listen() {
  for (;;) {
    const auto line = co_await next();
    if (line && line->starts_with("-ERR")) co_return explain(*line);
    if (!line || (*line == "PING" && !co_await say("PONG")))
      co_return Error{Remedy::kRetryWithBackoff, "MessagingUnavailable", "the connection was lost"};
  }
}

asio::awaitable<Result<std::shared_ptr<NatsConversation>>> greet_nats(asio::io_context& loop,
                                                                      MessagingService service,
                                                                      std::chrono::milliseconds deadline) {
  auto plain = service.destination();
  plain.tls = false;  // NATS says INFO before TLS begins
  const auto channel = co_await dial(loop, plain, deadline);
  if (!channel) co_return Failure{channel.error()};
  const Deadline limit{loop, *channel, deadline};
  const auto conversation = std::make_shared<NatsConversation>(*channel);
  const auto greeting = co_await conversation->next();
  if (limit.passed()) co_return Failure{connect_errors::no_answer()};
  if (!greeting || !greeting->starts_with("INFO ")) co_return not_nats();
  const auto info = nlohmann::json::parse(greeting->substr(5), nullptr, false);
  if (!info.is_object()) co_return not_nats();
  const bool demanded = info.value("tls_required", false);
  if (service.tls && !demanded && !info.value("tls_available", false))
    co_return Failure{connect_errors::no_tls()};
  if (service.tls || demanded) {
    auto secured = co_await secure(loop, *channel, service.destination(), deadline);
    if (!secured) co_return Failure{secured.error()};
  }
  co_await conversation->say(connect_line(service));
  for (;;) {
    const auto line = co_await conversation->next();
    if (limit.passed()) co_return Failure{connect_errors::no_answer()};
    if (!line) co_return Failure{connect_errors::connection_lost()};
    if (line->starts_with("-ERR")) co_return Failure{explain(*line)};
    if (*line == "PONG") break;
  }
  co_return conversation;
}

}  // namespace promptsales::backend
