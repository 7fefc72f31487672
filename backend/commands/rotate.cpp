#include "backend/commands/rotate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>

#include "backend/bindings/entry.hpp"
#include "backend/cache/introduction.hpp"
#include "backend/db/blocking_connection.hpp"
#include "backend/net/connect_errors.hpp"
#include "backend/net/dial.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{5};
constexpr auto kDoing = "change the login";

struct FreeMemory {
  void operator()(char* text) const { PQfreemem(text); }
};
using Text = std::unique_ptr<char, FreeMemory>;

std::string name_in_sql(PGconn* connection, const std::string& name) {
  return Text{PQescapeIdentifier(connection, name.data(), name.size())}.get();
}
std::string text_in_sql(PGconn* connection, const std::string& text) {
  return Text{PQescapeLiteral(connection, text.data(), text.size())}.get();
}

Result<std::string> ask_for(PGconn* connection, const std::string& sql) {
  auto answer = run_sql(connection, sql, kDoing);
  if (!answer) return Failure{answer.error()};
  return PQntuples(answer->get()) == 0 ? std::string{} : std::string{PQgetvalue(answer->get(), 0, 0)};
}

/// The roles other than the session's own that may log in for the owner, as a condition on a column.
std::string others(const char* column) {
  return std::string{column} + " IN (current_user, current_user || '_a', current_user || '_b') AND " +
         column + " <> session_user";
}

/// Sends one command as the bound user, which must be answered with OK.
Result<void> command(const CacheService& bound, const std::vector<std::string>& words) {
  const SystemClock clock;
  asio::io_context loop{1};
  const auto talk = [&]() -> asio::awaitable<Result<void>> {
    const auto channel = co_await dial(loop, bound.destination(), kPatience);
    if (!channel) co_return Failure{channel.error()};
    const auto link = std::make_shared<RedisLink>(loop, *channel, clock, kPatience);
    asio::co_spawn(loop, link->serve(), asio::detached);
    auto accepted = co_await introduce(link, std::make_shared<const CacheService>(bound));
    if (accepted) {
      const auto answer = co_await ask(link, {words.begin(), words.end()});
      if (!answer)
        accepted = Failure{answer.error()};
      else if (answer->error())
        accepted = failure(Remedy::kShutDown, "CacheRefused",
                           "the user in username may not change its own password: grant it +acl|setuser");
    }
    link->close();
    co_return accepted;
  };
  auto result = asio::co_spawn(loop, talk(), asio::use_future);
  loop.run();
  return result.get();
}

std::string user_of(const CacheService& bound) { return bound.user.empty() ? "default" : bound.user; }

/// The one binding that is mounted, given to whichever of the two takes it.
template <typename OnDatabase, typename OnCache>
Result<void> with_binding(const Environment& environment, OnDatabase on_database, OnCache on_cache) {
  const std::filesystem::path root = environment("SERVICE_BINDING_ROOT").value_or("");
  const auto use = [](const auto& service, auto then) -> Result<void> {
    if (!service) return Failure{service.error()};
    return then(*service);
  };
  if (!root.empty() && std::filesystem::is_directory(root / "database"))
    return use(read_database_binding(root / "database"), on_database);
  if (!root.empty() && std::filesystem::is_directory(root / "cache"))
    return use(read_cache_binding(root / "cache"), on_cache);
  return failure(Remedy::kShutDown, "NothingBound",
                 "nothing is bound: mount a database or a cache below $SERVICE_BINDING_ROOT");
}

Result<NextLogin> read_next(const Environment& environment) {
  const BindingDirectory directory{std::filesystem::path{environment("SERVICE_BINDING_ROOT").value_or("")} /
                                   "next"};
  const auto user = directory.entry("username");
  const auto password = directory.entry("password");
  if (!user || !password)
    return failure(Remedy::kShutDown, "MissingEntry",
                   directory.name("username") + " or " + directory.name("password") +
                       " is missing or empty: both are needed");
  return NextLogin{*user, *password};
}

}  // namespace

Result<void> teach_login(const DatabaseService& bound, const NextLogin& next) {
  if (next.user == bound.user)
    return failure(Remedy::kShutDown, "LoginInUse",
                   "the next login has the role that is in use: its password would change under its clients");
  auto connection = connect_and_wait(bound, kPatience);
  if (!connection) return Failure{connection.error()};
  PGconn* const server = connection->get();
  const auto owner = ask_for(server, "SELECT current_user");
  if (!owner) return Failure{owner.error()};
  // A verifier, so that the password itself is in no log of the server.
  const Text verifier{
      PQencryptPasswordConn(server, next.password.c_str(), next.user.c_str(), "scram-sha-256")};
  if (!verifier)
    return failure(Remedy::kRetryWithBackoff, "NoVerifier",
                   "libpq could not make a verifier of the password");
  const auto role = name_in_sql(server, next.user);
  const auto known =
      ask_for(server, "SELECT 1 FROM pg_roles WHERE rolname = " + text_in_sql(server, next.user));
  if (!known) return Failure{known.error()};
  const auto done = run_sql(server,
                            "BEGIN; " + (known->empty() ? "CREATE ROLE " + role + "; " : std::string{}) +
                                "GRANT " + name_in_sql(server, *owner) + " TO " + role + "; ALTER ROLE " +
                                role + " SET role = " + text_in_sql(server, *owner) + "; ALTER ROLE " + role +
                                " LOGIN PASSWORD " + text_in_sql(server, verifier.get()) + "; COMMIT",
                            kDoing);
  return done ? Result<void>{} : Failure{done.error()};
}

Result<void> retire_logins(const DatabaseService& bound) {
  auto connection = connect_and_wait(bound, kPatience);
  if (!connection) return Failure{connection.error()};
  PGconn* const server = connection->get();
  const auto connected = ask_for(
      server, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'promptsales-backend' AND " +
                  others("usename"));
  if (!connected) return Failure{connected.error()};
  if (*connected != "0")
    return failure(Remedy::kRetryWithBackoff, "LoginInUse",
                   *connected +
                       " connections of backends have been made with the former login; it is taken "
                       "away when they have ended");
  while (true) {
    const auto role = ask_for(server, "SELECT rolname FROM pg_roles WHERE rolcanlogin AND " +
                                          others("rolname") + " ORDER BY rolname LIMIT 1");
    if (!role) return Failure{role.error()};
    if (role->empty()) break;
    const auto taken =
        run_sql(server, "ALTER ROLE " + name_in_sql(server, *role) + " NOLOGIN PASSWORD NULL", kDoing);
    if (!taken) return Failure{taken.error()};
  }
  // Whoever else has got hold of the password is connected no longer either.
  const auto ended = run_sql(
      server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + others("usename"), kDoing);
  return ended ? Result<void>{} : Failure{ended.error()};
}

Result<void> teach_login(const CacheService& bound, const NextLogin& next) {
  if (next.user != user_of(bound))
    return failure(Remedy::kShutDown, "OtherUser", "the next login of a cache has to be of the same user");
  return command(bound, {"ACL", "SETUSER", next.user, ">" + next.password});
}

Result<void> retire_logins(const CacheService& bound) {
  return command(bound, {"ACL", "SETUSER", user_of(bound), "resetpass", ">" + bound.password});
}

Result<void> rotate_binding(const Environment& environment) {
  const auto next = read_next(environment);
  if (!next) return Failure{next.error()};
  const auto teach = [&](const auto& bound) { return teach_login(bound, *next); };
  return with_binding(environment, teach, teach);
}

Result<void> retire_binding(const Environment& environment) {
  const auto retire = [](const auto& bound) { return retire_logins(bound); };
  return with_binding(environment, retire, retire);
}

}  // namespace promptsales::backend
