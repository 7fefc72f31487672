#include "backend/db/connect_failure.hpp"

#include <algorithm>
#include <cctype>

#include "backend/db/pg_handle.hpp"
#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {
namespace {

bool has(std::string_view words, std::string_view part) { return words.find(part) != words.npos; }

/// The code in "FATAL:  28P01: password authentication failed ..."; "" if no server said anything.
std::string_view sqlstate_in(std::string_view words) {
  for (auto at = words.find(":  "); at != words.npos; at = words.find(":  ", at + 1)) {
    const auto code = words.substr(at + 3, 5);
    const auto is_code = [](unsigned char c) { return std::isupper(c) != 0 || std::isdigit(c) != 0; };
    if (code.size() == 5 && std::ranges::all_of(code, is_code) && words.substr(at + 8, 2) == ": ")
      return code;
  }
  return "";
}

Error refused_by_server(std::string_view code, std::string_view words) {
  if (code == "28P01") return connect_errors::wrong_password();
  if (code == "28000" && has(words, "no encryption")) return connect_errors::tls_required();
  if (code == "28000")
    return {Remedy::kWaitForSpecChange, "AccessRefused",
            "the server does not let the user in username in: the role does not exist or may not log in, or "
            "pg_hba.conf has no line for it"};
  if (code == "3D000")
    return {Remedy::kWaitForSpecChange, "DatabaseDoesNotExist",
            "the server has no database of the name in database: create it or correct database"};
  if (code == "42501") return connect_errors::no_permission("GRANT CONNECT ON DATABASE");
  // What PgBouncer says; a Postgres knows both.
  if (code == "08P01" && has(words, "unsupported startup parameter"))
    return {
        Remedy::kWaitForSpecChange, "PoolerRefuses",
        "the connection pooler in front of the server does not take `options` at the start of a connection: "
        "set ignore_startup_parameters=options and max_prepared_statements=200 in PgBouncer, and "
        "statement_timeout of the role in Postgres"};
  if (code == "53300")
    return {Remedy::kRetryWithBackoff, "TooManyConnections",
            "the server has no connection left: raise max_connections or lower the number of clients"};
  if (code.starts_with("57P"))
    return {Remedy::kRetryWithBackoff, "ServerStarting", "the server is starting or stopping"};
  return {Remedy::kRetryWithBackoff, "DatabaseUnavailable",
          "the server refuses the connection (SQLSTATE " + std::string{code} + ")"};
}

/// libpq names host, address and port before the cause.
std::string cause(std::string_view words) {
  constexpr std::string_view kMark = "failed: ";
  const auto at = words.starts_with("connection to server") ? words.find(kMark) : words.npos;
  return std::string{at == words.npos ? words : words.substr(at + kMark.size())};
}

}  // namespace

void want_sqlstate(PGconn* connection) { PQsetErrorVerbosity(connection, PQERRORS_VERBOSE); }

Error explain_connect_failure(std::string_view words) {
  if (const auto code = sqlstate_in(words); !code.empty()) return refused_by_server(code, words);
  if (has(words, "could not translate host name")) return connect_errors::host_not_found();
  if (has(words, "no password supplied")) return connect_errors::missing_password();
  if (has(words, "does not support SSL")) return connect_errors::no_tls();
  if (has(words, "does not match host name")) return connect_errors::wrong_name();
  if (has(words, "certificate verify failed"))
    return connect_errors::not_trusted("it is signed by another CA or out of date");
  if (has(words, "root certificate file")) return connect_errors::bad_ca();
  if (const auto at = words.find("SSL error: "); at != words.npos)
    return connect_errors::tls_failed(std::string{words.substr(at + 11)}.c_str());
  if (has(words, "Connection refused") || has(words, "No such file or directory"))
    return connect_errors::connection_refused();
  if (has(words, "timeout expired") || has(words, "timed out")) return connect_errors::no_answer();
  if (has(words, "No route to host") || has(words, "Network is unreachable"))
    return connect_errors::unreachable("no route");
  if (has(words, "session is read-only") || has(words, "hot standby"))
    return {Remedy::kRetryWithBackoff, "ReadOnlyServer",
            "the server takes no writes: host must lead to the primary, not to a replica"};
  if (has(words, "server closed the connection") || has(words, "Connection reset"))
    return connect_errors::connection_lost();
  return {Remedy::kRetryWithBackoff, "DatabaseUnavailable", cause(words)};
}

Error connect_failure(const PGconn* connection) { return explain_connect_failure(last_error(connection)); }

}  // namespace promptsales::backend
