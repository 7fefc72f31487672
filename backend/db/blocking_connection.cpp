#include "backend/db/blocking_connection.hpp"

#include <poll.h>

#include "backend/db/connect_failure.hpp"
#include "backend/db/connect_options.hpp"
#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {
namespace {

using SteadyTime = std::chrono::steady_clock;

/// False when the time is up.
bool wait_for(PGconn* connection, PostgresPollingStatusType step, SteadyTime::time_point until) {
  pollfd waiting{.fd = PQsocket(connection),
                 .events = static_cast<short>(step == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                 .revents = 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyTime::now()).count();
  return left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0;
}

Error error_of(const PGconn* connection, const PGresult* result, std::string_view doing) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view code = state == nullptr ? "" : state;
  // No answer, a lock that another holds, or a server that starts or stops: all pass by themselves.
  const bool passes = code.empty() || code == "55P03" || code == "40P01" || code.starts_with("57P") ||
                      code.starts_with("53") || code.starts_with("08");
  const auto message = std::string{doing} + ": " + last_error(connection);
  if (passes) return {Remedy::kRetryWithBackoff, "DatabaseUnavailable", message};
  return {Remedy::kShutDown, code == "42501" ? "PermissionDenied" : "SqlRefused", message};
}

}  // namespace

Result<PgHandle> connect_and_wait(const DatabaseService& service, std::chrono::milliseconds deadline) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto options = connect_options(service, {});
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PgHandle connection{PQconnectStartParams(keywords.data(), values.data(), 0)};
  want_sqlstate(connection.get());
  const auto until = SteadyTime::now() + deadline;
  auto step = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED) return Failure{connect_failure(connection.get())};
    if (!wait_for(connection.get(), step, until)) return Failure{connect_errors::no_answer()};
    step = PQconnectPoll(connection.get());
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return connection;
}

Result<PgResultPtr> run_sql(PGconn* connection, const std::string& sql, std::string_view doing) {
  PgResultPtr result{PQexec(connection, sql.c_str())};
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  return Failure{error_of(connection, result.get(), doing)};
}

}  // namespace promptsales::backend
