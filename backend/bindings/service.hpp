#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

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
  std::string sslrootcert;         ///< file with the CA for verify-ca and verify-full; empty: libpq's default
};

/// How to reach Redis or Valkey. Holds a password: never log a whole value.
struct CacheService {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;  ///< empty: the default user
  std::string password;
  int database = 0;
};

struct Services {
  DatabaseService database;
  std::optional<CacheService> cache;  ///< nothing: the backend runs without a cache
};

/// Looks up an environment variable; nothing if it is not set. Tests pass a table.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// The services this process is bound to: the files of the service binding specification
/// (`$SERVICE_BINDING_ROOT/database/...`, `.../cache/...`) where that directory exists, else DATABASE_URL and
/// REDIS_URL.
///
/// Errors   one sentence with what to do, for a database that is missing and for anything malformed; no value
/// is
///          ever quoted, as it may be a secret. A missing cache is not an error.
/// Source   https://servicebinding.io/spec/core/1.1.0/
[[nodiscard]] Result<Services> read_services(const Environment& environment);

/// One binding directory each; exposed for tests.
[[nodiscard]] Result<DatabaseService> read_database_binding(const std::filesystem::path& directory);
[[nodiscard]] Result<CacheService> read_cache_binding(const std::filesystem::path& directory);

/// From `postgresql://user:password@host:port/database?sslmode=...` (or `postgres://`).
[[nodiscard]] Result<DatabaseService> database_from_url(const std::string& url);
/// From `redis://user:password@host:port/number`. `rediss://` is refused: TLS to the cache is not there yet.
[[nodiscard]] Result<CacheService> cache_from_url(const std::string& url);

}  // namespace promptsales::backend
