#include "backend/db/migrate.hpp"

#include <openssl/evp.h>

#include <array>
#include <map>
#include <string>

#include "backend/db/blocking_connection.hpp"

namespace promptsales::backend {
namespace {

// All of it ends with the transaction: behind a connection pooler the session is somebody else's next. Any number
// will do for the lock as long as nobody else takes it: these are the letters "psales".
constexpr auto kBegin =
    "BEGIN; SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = 0; "
    "SET LOCAL client_min_messages = warning; SELECT pg_advisory_xact_lock(123619081987443)";
constexpr auto kTable =
    "CREATE TABLE schema_migrations (version int PRIMARY KEY, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now())";

std::string sha256(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const auto byte : digest) hex += {kHex[byte >> 4U], kHex[byte & 15U]};
  return hex;
}

Result<bool> has_table(PGconn* connection) {
  auto found = run_sql(connection, "SELECT to_regclass('schema_migrations') IS NOT NULL",
                       "look for schema_migrations");
  if (!found) return Failure{found.error()};
  return PQgetvalue(found->get(), 0, 0)[0] == 't';
}

/// Version and checksum of each; none if the table is not there.
Result<std::map<int, std::string>> applied(PGconn* connection) {
  const auto there = has_table(connection);
  if (!there) return Failure{there.error()};
  if (!*there) return std::map<int, std::string>{};
  auto rows =
      run_sql(connection, "SELECT version, checksum FROM schema_migrations", "read schema_migrations");
  if (!rows) return Failure{rows.error()};
  std::map<int, std::string> checksums;
  for (int i = 0; i < PQntuples(rows->get()); ++i)
    checksums.emplace(std::stoi(PQgetvalue(rows->get(), i, 0)), PQgetvalue(rows->get(), i, 1));
  return checksums;
}

Result<void> apply(PGconn* connection, const Migration& migration) {
  const auto sql = std::string{migration.sql} +
                   "\n;INSERT INTO schema_migrations (version, checksum) VALUES (" +
                   std::to_string(migration.version) + ", '" + sha256(migration.sql) + "')";
  if (auto done = run_sql(connection, sql, "apply migration " + std::string{migration.name}, kForEver); !done)
    return Failure{done.error()};
  return {};
}

Failure edited(const Migration& migration) {
  return failure(
      Remedy::kShutDown, "MigrationEdited",
      "migration " + std::string{migration.name} +
          " was changed after it was applied to this database: restore the file and put the change into "
          "a new migration");
}

Failure refuse_downgrade(int theirs, int ours) {
  return failure(Remedy::kShutDown, "SchemaNewer",
                 "the database's schema is at migration " + std::to_string(theirs) +
                     ", and this image knows migrations up to " + std::to_string(ours) +
                     " only: use the newer image again, or restore a backup that fits this one");
}

/// The first migration that is missing, if the ones before it are as they were; null if none is.
Result<const Migration*> first_missing(PGconn* connection, std::span<const Migration> migrations,
                                       NewerSchema newer) {
  const auto known = applied(connection);
  if (!known) return Failure{known.error()};
  const int ours = migrations.empty() ? 0 : migrations.back().version;
  const int theirs = known->empty() ? 0 : known->rbegin()->first;
  if (newer == NewerSchema::kRefuse && theirs > ours) return refuse_downgrade(theirs, ours);
  const Migration* missing = nullptr;
  for (const auto& migration : migrations) {
    const auto at = known->find(migration.version);
    if (at == known->end()) {
      if (!missing) missing = &migration;
    } else if (at->second != sha256(migration.sql)) {
      return edited(migration);
    }
  }
  return missing;
}

/// In a transaction that holds the lock: makes the table if need be, and applies the first migration that is missing.
Result<const Migration*> apply_next(PGconn* connection, std::span<const Migration> migrations,
                                    NewerSchema newer) {
  if (auto begun = run_sql(connection, kBegin, "prepare to migrate"); !begun) return Failure{begun.error()};
  // IF NOT EXISTS would need the permission to create tables even where nothing is left to do.
  const auto there = has_table(connection);
  if (!there) return Failure{there.error()};
  if (!*there) {
    if (auto made = run_sql(connection, kTable, "prepare to migrate"); !made) return Failure{made.error()};
  }
  const auto missing = first_missing(connection, migrations, newer);
  if (!missing) return missing;
  if (*missing) {
    if (auto done = apply(connection, **missing); !done) return Failure{done.error()};
  }
  if (auto done = run_sql(connection, "COMMIT", "keep what was migrated", kForEver); !done)
    return Failure{done.error()};
  return missing;
}

Result<PgHandle> connect(const DatabaseService& service) {
  auto connection = connect_and_wait(service);
  if (!connection) return Failure{in_context("connect to Postgres", connection.error())};
  return connection;
}

}  // namespace

Result<std::vector<int>> migrate(const DatabaseService& service, std::span<const Migration> migrations,
                                 NewerSchema newer) {
  auto connection = connect(service);
  if (!connection) return Failure{connection.error()};
  std::vector<int> versions;
  for (;;) {
    const auto done = apply_next(connection->get(), migrations, newer);
    if (!done) {
      (void)run_sql(connection->get(), "ROLLBACK", "give up migrating");
      return Failure{done.error()};
    }
    if (!*done) return versions;
    versions.push_back((*done)->version);
  }
}

Result<std::vector<int>> missing_migrations(const DatabaseService& service,
                                            std::span<const Migration> migrations) {
  auto connection = connect(service);
  if (!connection) return Failure{connection.error()};
  const auto known = applied(connection->get());
  if (!known) return Failure{known.error()};
  std::vector<int> missing;
  for (const auto& migration : migrations) {
    if (!known->contains(migration.version)) missing.push_back(migration.version);
  }
  return missing;
}

}  // namespace promptsales::backend
