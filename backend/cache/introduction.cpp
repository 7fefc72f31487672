#include "backend/cache/introduction.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/net/connect_errors.hpp"
#include "backend/net/connection_name.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

/// A server that does not know AUTH repeats its arguments, so only the first word of its answer is told.
Error explain(std::string_view command, std::string_view answer) {
  const auto word = std::string{answer.substr(0, answer.find(' '))};
  if (word == "WRONGPASS") return connect_errors::wrong_password();
  if (word == "NOAUTH") return connect_errors::missing_password();
  if (word == "NOPERM") return connect_errors::no_permission("+" + std::string{command} + " in the ACL");
  if (command == "AUTH" && answer.find("without any password") != answer.npos)
    return {Remedy::kWaitForSpecChange, "CacheRefused",
            "the server has no password for this user: empty password, or set one on the server"};
  return {Remedy::kRetryWithBackoff, "CacheRefused",
          "the server refuses " + std::string{command} + " (" + word + ")"};
}

}  // namespace

asio::awaitable<Result<RespValue>> ask(std::shared_ptr<RedisLink> link,
                                       std::vector<std::string_view> command) {
  auto submit = [&link, &command](auto handler) { link->submit(command, std::move(handler)); };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<RespValue>)>(
      submit, asio::use_awaitable);
}

asio::awaitable<Result<void>> introduce(std::shared_ptr<RedisLink> link,
                                        std::shared_ptr<const CacheService> service) {
  const auto number = std::to_string(service->database);
  std::vector<std::vector<std::string_view>> commands;
  if (!service->user.empty())
    commands.push_back({"AUTH", service->user, service->password});
  else if (!service->password.empty())
    commands.push_back({"AUTH", service->password});
  if (service->database != 0) commands.push_back({"SELECT", number});
  commands.push_back({"PING"});
  for (const auto& command : commands) {
    const auto answer = co_await ask(link, command);
    if (!answer) co_return Failure{answer.error()};
    if (const auto* error = answer->error()) co_return Failure{explain(command.front(), error->text)};
  }
  // What the user may not do, or a proxy does not know, is no reason to do without the cache.
  const std::vector<std::string_view> name{"CLIENT", "SETNAME", kConnectionName};
  const auto named = co_await ask(link, name);
  co_return named ? Result<void>{} : Failure{named.error()};
}

}  // namespace promptsales::backend
