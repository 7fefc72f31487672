#include "backend/db/migrate.hpp"

#include <openssl/evp.h>

#include <array>
#include <map>
#include <string>

#include "backend/db/connect_options.hpp"
#include "backend/db/pg_handle.hpp"
#include "backend/db/rows.hpp"

namespace promptsales::backend {
namespace {

// Any number will do as long as nobody else locks it: these are the letters "psales".
constexpr auto kLock = "SELECT pg_advisory_lock(123619081987443)";
constexpr auto kSettings =
    "SET lock_timeout = '3s'; SET statement_timeout = 0; SET client_min_messages = warning";
constexpr auto kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now())";

Failure failed(const PGconn* connection, const PGresult* result, std::string_view doing) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view code = state == nullptr ? "" : state;
  // No answer, a lock that another holds, or a server that starts or stops: all pass by themselves.
  const bool passes = code.empty() || code == "55P03" || code == "40P01" || code.starts_with("57P") ||
                      code.starts_with("53") || code.starts_with("08");
  return failure(passes ? Remedy::kRetryWithBackoff : Remedy::kShutDown,
                 passes ? "DatabaseUnavailable" : "MigrationRefused",
                 std::string{doing} + ": " + last_error(connection));
}

Result<PgHandle> connect(const DatabaseService& service) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto options = connect_options(service, "");
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PgHandle connection{PQconnectdbParams(keywords.data(), values.data(), 0)};
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return failed(connection.get(), nullptr, "connect to Postgres");
  return connection;
}

Result<PgResultPtr> run(PGconn* connection, const std::string& sql, std::string_view doing) {
  PgResultPtr result{PQexec(connection, sql.c_str())};
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  return failed(connection, result.get(), doing);
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const auto byte : digest) hex += {kHex[byte >> 4U], kHex[byte & 15U]};
  return hex;
}

Result<std::map<int, std::string>> applied(PGconn* connection) {
  auto rows = run(connection, "SELECT version, checksum FROM schema_migrations", "read schema_migrations");
  if (!rows) return Failure{rows.error()};
  std::map<int, std::string> checksums;
  for (int i = 0; i < PQntuples(rows->get()); ++i)
    checksums.emplace(std::stoi(PQgetvalue(rows->get(), i, 0)), PQgetvalue(rows->get(), i, 1));
  return checksums;
}

Result<void> apply(PGconn* connection, const Migration& migration) {
  const auto doing = "apply migration " + std::string{migration.name};
  const auto sql = "BEGIN;\n" + std::string{migration.sql} +
                   "\n;INSERT INTO schema_migrations (version, checksum) VALUES (" +
                   std::to_string(migration.version) + ", '" + sha256(migration.sql) + "'); COMMIT";
  auto done = run(connection, sql, doing);
  if (done) return {};
  Error why = done.error();
  (void)run(connection, "ROLLBACK", doing);
  return Failure{std::move(why)};
}

Failure edited(const Migration& migration) {
  return failure(
      Remedy::kShutDown, "MigrationEdited",
      "migration " + std::string{migration.name} +
          " was changed after it was applied to this database: restore the file and put the change into "
          "a new migration");
}

}  // namespace

Result<std::vector<int>> migrate(const DatabaseService& service, std::span<const Migration> migrations) {
  auto connection = connect(service);
  if (!connection) return Failure{connection.error()};
  auto* pg = connection->get();
  for (const auto* statement : {kSettings, kLock, kTable}) {
    if (auto done = run(pg, statement, "prepare to migrate"); !done) return Failure{done.error()};
  }
  const auto known = applied(pg);
  if (!known) return Failure{known.error()};
  std::vector<int> versions;
  for (const auto& migration : migrations) {
    const auto at = known->find(migration.version);
    if (at == known->end()) {
      if (auto done = apply(pg, migration); !done) return Failure{done.error()};
      versions.push_back(migration.version);
    } else if (at->second != sha256(migration.sql)) {
      return edited(migration);
    }
  }
  return versions;  // the lock goes with the connection
}

}  // namespace promptsales::backend
