#include "backend/commands/rotate.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "backend/bindings/entry.hpp"
#include "backend/cache/introduction.hpp"
#include "backend/db/blocking_connection.hpp"
#include "backend/net/connect_errors.hpp"
#include "backend/net/connection_name.hpp"
#include "backend/net/dial.hpp"
#include "backend/net/spawn.hpp"
#include "base/strings.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{5};
constexpr auto kDoing = "change the login";
/// A kubelet brings a changed Secret to its pods within its sync period, a minute, and what its cache adds.
constexpr std::chrono::seconds kPatienceWithFile{110};
constexpr std::chrono::seconds kBetweenLooks{1};

std::string still_connected(const std::string& number) {
  return number +
         " connections of backends have been made with the former login; it is taken away when they have "
         "ended";
}

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

using Link = std::shared_ptr<RedisLink>;
using Words = std::vector<std::string_view>;

/// Logs in at the cache and has `talk` say the rest.
Result<void> with_cache(const CacheService& login,
                        const std::function<asio::awaitable<Result<void>>(Link)>& talk) {
  const SystemClock clock;
  asio::io_context loop{1};
  const auto conversation = [&]() -> asio::awaitable<Result<void>> {
    const auto channel = co_await dial(loop, login.destination(), kPatience);
    if (!channel) co_return Failure{channel.error()};
    const auto link = std::make_shared<RedisLink>(loop, *channel, clock, kPatience);
    spawn(loop, RedisLink::serve(link));
    auto accepted = co_await introduce(link, std::make_shared<const CacheService>(login));
    if (accepted) accepted = co_await talk(link);
    link->close();
    co_return accepted;
  };
  auto result = asio::co_spawn(loop, conversation(), asio::use_future);
  loop.run();
  return result.get();
}

/// One command; an error that the server answers with is one here too, told with what it takes to be allowed.
asio::awaitable<Result<RespValue>> asked(Link link, Words words) {
  const auto what = std::string{words[0]} + " " + std::string{words[1]};
  auto answer = co_await ask(link, std::move(words));
  if (answer && answer->error())
    co_return failure(Remedy::kShutDown, "CacheRefused",
                      "the server refuses " + what +
                          ": it must have been started with an aclfile, and the user in username be allowed "
                          "it (+acl +client)");
  co_return answer;
}

std::string user_of(const CacheService& bound) { return bound.user.empty() ? "default" : bound.user; }

/// The value of `name=` in a line of CLIENT LIST.
std::string_view field_in(std::string_view line, std::string_view name) {
  for (const auto field : split(line, ' '))
    if (field.starts_with(name)) return field.substr(name.size());
  return {};
}

/// Connections of backends that another user than `user` has logged in for.
std::size_t connected_by_others(const std::string& clients, const std::string& user) {
  return static_cast<std::size_t>(std::ranges::count_if(split(clients, '\n'), [&](std::string_view line) {
    return field_in(line, "name=") == kConnectionName && field_in(line, "user=") != user;
  }));
}

/// Fails as soon as a backend is connected with another login. One whose connection has just ended is back
/// within five seconds (RedisClient).
asio::awaitable<Result<void>> nobody_else(Link link, std::string user) {
  constexpr int kLooks = 7;
  asio::steady_timer pause{co_await asio::this_coro::executor};
  const Words list{"CLIENT", "LIST"};
  for (int look = 0; look < kLooks; ++look) {
    const auto clients = co_await asked(link, list);
    if (!clients) co_return Failure{clients.error()};
    if (const auto others = clients->text() ? connected_by_others(*clients->text(), user) : 0; others > 0)
      co_return failure(Remedy::kRetryWithBackoff, "LoginInUse", still_connected(std::to_string(others)));
    pause.expires_after(kBetweenLooks);
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return Result<void>{};
}

/// Takes all users but this one away; the default user cannot be, and is left with nothing that it may do.
asio::awaitable<Result<void>> alone(Link link, std::string user) {
  const Words list{"ACL", "USERS"};
  const auto users = co_await asked(link, list);
  if (!users) co_return Failure{users.error()};
  for (const auto& each : users->list() ? *users->list() : std::vector<RespValue>{}) {
    if (!each.text() || *each.text() == user) continue;
    const Words away = *each.text() == "default" ? Words{"ACL", "SETUSER", "default", "reset"}
                                                 : Words{"ACL", "DELUSER", *each.text()};
    const auto gone = co_await asked(link, away);
    if (!gone) co_return Failure{gone.error()};
  }
  co_return Result<void>{};
}

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
  const auto connected = ask_for(server, "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" +
                                             std::string{kConnectionName} + "' AND " + others("usename"));
  if (!connected) return Failure{connected.error()};
  if (*connected != "0") return failure(Remedy::kRetryWithBackoff, "LoginInUse", still_connected(*connected));
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
  if (next.user == user_of(bound))
    return failure(Remedy::kShutDown, "LoginInUse",
                   "the next login has the user that is in use: a server that starts anew would take one of "
                   "the two passwords alone");
  CacheService to_come = bound;
  to_come.user = next.user;
  to_come.password = next.password;
  const auto reload = [](Link link) -> asio::awaitable<Result<void>> {
    const Words load{"ACL", "LOAD"};
    const auto loaded = co_await asked(link, load);
    co_return loaded ? Result<void>{} : Failure{loaded.error()};
  };
  const auto nothing = [](Link) -> asio::awaitable<Result<void>> { co_return Result<void>{}; };
  const SystemClock clock;
  const auto deadline = clock.now() + kPatienceWithFile;
  while (true) {
    if (auto loaded = with_cache(bound, reload); !loaded) return loaded;
    const auto taken = with_cache(to_come, nothing);
    if (taken) return {};
    if (taken.error().reason != connect_errors::wrong_password().reason) return taken;
    if (clock.now() >= deadline)
      return failure(Remedy::kRetryWithBackoff, "FileNotBrought",
                     "the server's aclfile does not have the next login yet: the kubelet brings it");
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

Result<void> retire_logins(const CacheService& bound) {
  return with_cache(bound, [&](Link link) -> asio::awaitable<Result<void>> {
    if (auto unused = co_await nobody_else(link, user_of(bound)); !unused) co_return unused;
    co_return co_await alone(link, user_of(bound));
  });
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
