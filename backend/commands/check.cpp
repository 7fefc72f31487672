#include "backend/commands/check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "backend/cache/introduction.hpp"
#include "backend/db/blocking_connection.hpp"
#include "backend/messaging/nats_greeting.hpp"
#include "backend/net/connect_errors.hpp"
#include "backend/net/dial.hpp"
#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{5};

/// The first thing that the role may not do and must: empty if there is none. Tables that are not there yet
/// will be made by the role itself.
constexpr auto kMissingPermission =
    "SELECT privilege || ' ON TABLE ' || name FROM (VALUES ('schema_migrations', 'SELECT'), "
    "('campaign', 'SELECT'), ('campaign', 'INSERT'), ('idempotency', 'SELECT'), ('idempotency', 'INSERT'), "
    "('idempotency', 'UPDATE'), ('idempotency', 'DELETE')) AS needed(name, privilege) "
    "WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(to_regclass(name), privilege) "
    "UNION ALL SELECT 'USAGE and CREATE ON SCHEMA public' WHERE to_regclass('schema_migrations') IS NULL "
    "AND NOT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) LIMIT 1";

/// Runs one conversation to its end on a loop of its own.
template <typename Talk>
Result<void> run(Talk talk) {
  asio::io_context loop{1};
  auto result = asio::co_spawn(loop, talk(loop), asio::use_future);
  loop.run();
  return result.get();
}

/// A binding directory if there is one, else the URL of the variable; nothing if neither.
template <typename Service>
std::optional<Result<Service>> find(const Environment& environment, const std::string& binding,
                                    Result<Service> (*from_directory)(const std::filesystem::path&),
                                    const std::string& variable,
                                    Result<Service> (*from_url)(const std::string&)) {
  const std::filesystem::path root = environment("SERVICE_BINDING_ROOT").value_or("");
  if (!root.empty() && std::filesystem::is_directory(root / binding)) return from_directory(root / binding);
  const auto url = environment(variable);
  if (!url || url->empty()) return std::nullopt;
  return from_url(*url);
}

/// Failures put together, in the order of the bindings.
class Verdict {
 public:
  template <typename Service>
  void add(std::string_view binding, const std::optional<Result<Service>>& service,
           Result<void> (*check)(const Service&)) {
    if (!service) return;
    ++tried_;
    const auto result = *service ? check(**service) : Result<void>{Failure{service->error()}};
    if (result) return;
    const auto told = in_context(binding, result.error());
    if (!error_)
      error_ = told;
    else
      error_->message += "; " + told.message;
  }

  [[nodiscard]] Result<void> result() const {
    if (error_) return Failure{*error_};
    if (tried_ == 0)
      return failure(Remedy::kShutDown, "NothingBound",
                     "nothing is bound: mount bindings below $SERVICE_BINDING_ROOT or set DATABASE_URL");
    return {};
  }

 private:
  unsigned tried_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<void> check_database(const DatabaseService& service) {
  auto connection = connect_and_wait(service, kPatience);
  if (!connection) return Failure{connection.error()};
  auto lacking = run_sql(connection->get(), kMissingPermission, "look at the permissions");
  if (!lacking) return Failure{lacking.error()};
  if (PQntuples(lacking->get()) == 0) return {};
  return Failure{connect_errors::no_permission("GRANT " + std::string{PQgetvalue(lacking->get(), 0, 0)})};
}

Result<void> check_cache(const CacheService& service) {
  const SystemClock clock;
  return run([&](asio::io_context& loop) -> asio::awaitable<Result<void>> {
    const auto channel = co_await dial(loop, service.destination(), kPatience);
    if (!channel) co_return Failure{channel.error()};
    const auto link = std::make_shared<RedisLink>(loop, *channel, clock, kPatience);
    spawn(loop, RedisLink::serve(link));
    auto accepted = co_await introduce(link, std::make_shared<const CacheService>(service));
    link->close();
    co_return accepted;
  });
}

Result<void> check_messaging(const MessagingService& service) {
  return run([&](asio::io_context& loop) -> asio::awaitable<Result<void>> {
    const auto greeted = co_await greet_nats(loop, service, kPatience);
    if (!greeted) co_return Failure{greeted.error()};
    (*greeted)->close();
    co_return Result<void>{};
  });
}

Result<void> check_bindings(const Environment& environment) {
  Verdict verdict;
  verdict.add("database",
              find(environment, "database", read_database_binding, "DATABASE_URL", database_from_url),
              check_database);
  verdict.add("cache", find(environment, "cache", read_cache_binding, "REDIS_URL", cache_from_url),
              check_cache);
  verdict.add("messaging",
              find(environment, "messaging", read_messaging_binding, "NATS_URL", messaging_from_url),
              check_messaging);
  return verdict.result();
}

}  // namespace promptsales::backend
