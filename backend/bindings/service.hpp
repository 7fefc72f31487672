#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "backend/net/destination.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// How to reach Postgres. Holds a password: never log a whole value.
struct DatabaseService {
  std::string host;  ///< name, address, or the directory of a Unix socket (begins with '/')
  std::uint16_t port = 5432;
  std::string user;
  std::string password;
  std::string database;
  std::string sslmode = "prefer";  ///< libpq's word
  std::string sslrootcert;         ///< file with the CA for verify-ca and verify-full; empty: none
};

/// How to reach Redis or Valkey. Holds a password: never log a whole value.
struct CacheService {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;  ///< empty: the default user
  std::string password;
  int database = 0;
  bool tls = false;
  std::string ca_file;  ///< file with the CA of the server; empty: the machine's CAs

  [[nodiscard]] Destination destination() const { return {host, port, tls, ca_file}; }
};

/// How to reach NATS. Holds a password: never log a whole value.
struct MessagingService {
  std::string host;
  std::uint16_t port = 4222;
  std::string user;      ///< empty, with a password: the password is a token
  std::string password;  ///< empty: the server asks nobody who they are
  bool tls = false;      ///< demanded; where the server demands it, it is spoken too
  std::string ca_file;   ///< file with the CA of the server; empty: the machine's CAs

  [[nodiscard]] Destination destination() const { return {host, port, tls, ca_file}; }
};

struct Services {
  DatabaseService database;
  std::optional<CacheService> cache;  ///< nothing: the backend runs without a cache
  std::optional<MessagingService> messaging{};
  /// Where the directories of the bindings are, if the database comes from one of them.
  std::filesystem::path directory{};
};

/// Looks up an environment variable; nothing if it is not set. Tests pass a table.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// The services this process is bound to: the files of the service binding specification
/// (`$SERVICE_BINDING_ROOT/database/...`, `.../cache/...`, `.../messaging/...`) where that directory exists, else
/// DATABASE_URL, REDIS_URL and NATS_URL.
///
/// Errors   one sentence with what to do, for a database that is missing and for anything malformed; no value
/// is
///          ever quoted, as it may be a secret. Missing cache and messaging are no error.
/// Source   https://servicebinding.io/spec/core/1.1.0/
[[nodiscard]] Result<Services> read_services(const Environment& environment);

/// One binding directory each; for those who want one of them only.
[[nodiscard]] Result<DatabaseService> read_database_binding(const std::filesystem::path& directory);
[[nodiscard]] Result<CacheService> read_cache_binding(const std::filesystem::path& directory);
[[nodiscard]] Result<MessagingService> read_messaging_binding(const std::filesystem::path& directory);

/// From `postgresql://user:password@host:port/database?sslmode=...&sslrootcert=FILE` (or `postgres://`).
[[nodiscard]] Result<DatabaseService> database_from_url(const std::string& url);
/// From `redis://user:password@host:port/number`; `rediss://` is the same with TLS, where the server's
/// certificate must be signed by a CA that the machine trusts.
[[nodiscard]] Result<CacheService> cache_from_url(const std::string& url);
/// From `nats://user:password@host:port` or `nats://token@host:port`; `tls://` is the same with TLS.
[[nodiscard]] Result<MessagingService> messaging_from_url(const std::string& url);

}  // namespace promptsales::backend
