#include "backend/bindings/service.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "backend/bindings/entry.hpp"
#include "backend/net/tls_client.hpp"
#include "base/service_url.hpp"

namespace promptsales::backend {
namespace {

constexpr auto kNoDatabase =
    "no database is bound: mount a binding at $SERVICE_BINDING_ROOT/database or set DATABASE_URL to "
    "postgresql://user:password@host:5432/name";

Failure invalid(std::string message) {
  return failure(Remedy::kShutDown, "InvalidBinding", std::move(message));
}

Result<std::uint16_t> port_or(const std::optional<std::string>& text, std::uint16_t otherwise,
                              const std::string& file) {
  if (!text) return otherwise;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < 1 || value > 65535)
    return invalid(file + " must hold a number from 1 to 65535");
  return static_cast<std::uint16_t>(value);
}

Result<int> database_number(const std::string& text) {
  if (text.empty()) return 0;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return invalid("the path of a Redis URL must be a database number, such as /0");
  return value;
}

/// libpq would take a word that it does not know for a failure to connect, and would look for CAs in a home
/// directory that a container has not.
Result<void> settle_tls(DatabaseService& service, const std::string& name_of_sslmode) {
  constexpr std::array kModes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  if (std::ranges::find(kModes, service.sslmode) == kModes.end())
    return invalid(name_of_sslmode +
                   " must be one of disable, allow, prefer, require, verify-ca and verify-full");
  if (!service.sslmode.starts_with("verify-")) return {};
  if (service.sslrootcert.empty() || service.sslrootcert == "system") service.sslrootcert = system_ca_file();
  if (service.sslrootcert.empty())
    return invalid(name_of_sslmode + " demands a trusted server, but there is no CA: provide ca.crt");
  return {};
}

}  // namespace

Result<DatabaseService> database_from_url(const std::string& text) {
  auto url = parse_service_url(text);
  if (!url) return Failure{url.error()};
  if (url->scheme != "postgresql" && url->scheme != "postgres")
    return invalid("a database URL must begin with postgresql://");
  if (url->path.empty())
    return invalid("a database URL must end with the database's name, such as /promptsales");
  DatabaseService service{.host = url->host,
                          .port = url->port.value_or(5432),
                          .user = url->user,
                          .password = url->password,
                          .database = url->path};
  if (const auto mode = url->parameters.find("sslmode"); mode != url->parameters.end())
    service.sslmode = mode->second;
  if (const auto ca = url->parameters.find("sslrootcert"); ca != url->parameters.end())
    service.sslrootcert = ca->second;
  if (auto settled = settle_tls(service, "sslmode"); !settled) return Failure{settled.error()};
  return service;
}

Result<CacheService> cache_from_url(const std::string& text) {
  auto url = parse_service_url(text);
  if (!url) return Failure{url.error()};
  if (url->scheme != "redis" && url->scheme != "rediss")
    return invalid("a cache URL must begin with redis:// or rediss://");
  auto number = database_number(url->path);
  if (!number) return Failure{number.error()};
  return CacheService{.host = url->host,
                      .port = url->port.value_or(6379),
                      .user = url->user,
                      .password = url->password,
                      .database = *number,
                      .tls = url->scheme == "rediss"};
}

Result<MessagingService> messaging_from_url(const std::string& text) {
  auto url = parse_service_url(text);
  if (!url) return Failure{url.error()};
  if (url->scheme != "nats" && url->scheme != "tls")
    return invalid("a messaging URL must begin with nats:// or tls://");
  const bool token = url->password.empty();
  return MessagingService{.host = url->host,
                          .port = url->port.value_or(4222),
                          .user = token ? "" : url->user,
                          .password = token ? url->user : url->password,
                          .tls = url->scheme == "tls"};
}

Result<DatabaseService> read_database_binding(const std::filesystem::path& directory) {
  const BindingDirectory binding{directory};
  if (auto typed = binding.require_type("postgresql"); !typed) return Failure{typed.error()};
  const auto host = binding.entry("host");
  if (!host) {
    const auto uri = binding.entry("uri");
    if (!uri) return invalid(binding.name("host") + " and .../uri are both missing");
    auto service = database_from_url(*uri);
    if (!service) return Failure{in_context(binding.name("uri"), service.error())};
    if (const auto ca = binding.path_if_filled("ca.crt"); !ca.empty()) service->sslrootcert = ca;
    return service;
  }
  auto port = port_or(binding.entry("port"), 5432, binding.name("port"));
  if (!port) return Failure{port.error()};
  auto database = binding.entry("database");
  if (!database) database = binding.entry("dbname");
  if (!database) return invalid(binding.name("database") + " is missing: it must hold the database's name");
  const auto user = binding.entry("username");
  if (!user) return invalid(binding.name("username") + " is missing: it must hold the database user");
  DatabaseService service{.host = *host,
                          .port = *port,
                          .user = *user,
                          .password = binding.entry("password").value_or(""),
                          .database = *database,
                          .sslmode = binding.entry("sslmode").value_or("prefer"),
                          .sslrootcert = binding.path_if_filled("ca.crt")};
  if (auto settled = settle_tls(service, binding.name("sslmode")); !settled) return Failure{settled.error()};
  return service;
}

Result<CacheService> read_cache_binding(const std::filesystem::path& directory) {
  const BindingDirectory binding{directory};
  if (auto typed = binding.require_type("redis"); !typed) return Failure{typed.error()};
  const auto ssl = binding.entry("ssl").value_or("false");
  if (ssl != "true" && ssl != "false") return invalid(binding.name("ssl") + " must be true or false");
  const auto host = binding.entry("host");
  if (!host) {
    auto uri = binding.entry("uri");
    if (!uri) uri = binding.entry("url");
    if (!uri) return invalid(binding.name("host") + " and .../uri are both missing");
    auto service = cache_from_url(*uri);
    if (!service) return Failure{in_context(binding.name("uri"), service.error())};
    service->tls = service->tls || ssl == "true";
    service->ca_file = binding.path_if_filled("ca.crt");
    return service;
  }
  auto port = port_or(binding.entry("port"), 6379, binding.name("port"));
  if (!port) return Failure{port.error()};
  return CacheService{.host = *host,
                      .port = *port,
                      .user = binding.entry("username").value_or(""),
                      .password = binding.entry("password").value_or(""),
                      .tls = ssl == "true",
                      .ca_file = binding.path_if_filled("ca.crt")};
}

Result<MessagingService> read_messaging_binding(const std::filesystem::path& directory) {
  const BindingDirectory binding{directory};
  if (auto typed = binding.require_type("nats"); !typed) return Failure{typed.error()};
  const auto uri = binding.entry("uri");
  const auto host = binding.entry("host");
  if (!uri && !host) return invalid(binding.name("host") + " and .../uri are both missing");
  // Whether TLS is wanted is told by the URI's scheme only.
  MessagingService service;
  if (uri) {
    auto read = messaging_from_url(*uri);
    if (!read) return Failure{in_context(binding.name("uri"), read.error())};
    service = std::move(*read);
  }
  if (host) {
    auto port = port_or(binding.entry("port"), service.port, binding.name("port"));
    if (!port) return Failure{port.error()};
    service.host = *host;
    service.port = *port;
    service.user = binding.entry("username").value_or(service.user);
    service.password = binding.entry("password").value_or(service.password);
  }
  service.ca_file = binding.path_if_filled("ca.crt");
  return service;
}

namespace {

Result<DatabaseService> find_database(const std::filesystem::path& root, const Environment& environment) {
  if (!root.empty() && std::filesystem::is_directory(root / "database"))
    return read_database_binding(root / "database");
  const auto url = environment("DATABASE_URL");
  if (!url || url->empty()) return failure(Remedy::kShutDown, "DatabaseNotBound", kNoDatabase);
  auto service = database_from_url(*url);
  if (!service) return Failure{in_context("DATABASE_URL", service.error())};
  return service;
}

/// One that the backend may do without: from its directory if there is one, else from the URL of the variable.
template <typename Service>
Result<std::optional<Service>> find(const std::filesystem::path& directory,
                                    Result<Service> (*from_directory)(const std::filesystem::path&),
                                    const std::string& variable, const Environment& environment,
                                    Result<Service> (*from_url)(const std::string&)) {
  Result<Service> service;
  if (std::filesystem::is_directory(directory)) {
    service = from_directory(directory);
    if (!service) return Failure{service.error()};
    return *service;
  }
  const auto url = environment(variable);
  if (!url || url->empty()) return std::nullopt;
  service = from_url(*url);
  if (!service) return Failure{in_context(variable, service.error())};
  return *service;
}

}  // namespace

Result<Services> read_services(const Environment& environment) {
  const std::filesystem::path root = environment("SERVICE_BINDING_ROOT").value_or("");
  auto database = find_database(root, environment);
  if (!database) return Failure{database.error()};
  const auto below = [&](const char* name) { return root.empty() ? root : root / name; };
  auto cache = find(below("cache"), read_cache_binding, "REDIS_URL", environment, cache_from_url);
  if (!cache) return Failure{cache.error()};
  auto messaging =
      find(below("messaging"), read_messaging_binding, "NATS_URL", environment, messaging_from_url);
  if (!messaging) return Failure{messaging.error()};
  const bool bound = !root.empty() && std::filesystem::is_directory(root / "database");
  return Services{std::move(*database), std::move(*cache), std::move(*messaging), bound ? root : ""};
}

}  // namespace promptsales::backend
