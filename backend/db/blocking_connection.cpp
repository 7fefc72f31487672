#include "backend/db/blocking_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "backend/db/connect_failure.hpp"
#include "backend/db/connect_options.hpp"
#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {
namespace {

using SteadyTime = std::chrono::steady_clock;

SteadyTime::time_point after(std::chrono::milliseconds patience) {
  return patience == kForEver ? SteadyTime::time_point::max() : SteadyTime::now() + patience;
}

/// False when the time is up.
bool wait_for(PGconn* connection, PostgresPollingStatusType step, SteadyTime::time_point until) {
  constexpr std::chrono::milliseconds kOneWait{60'000};  // poll() counts in an int
  for (;;) {
    pollfd waiting{.fd = PQsocket(connection),
                   .events = static_cast<short>(step == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                   .revents = 0};
    const auto left = std::min<SteadyTime::duration>(until - SteadyTime::now(), kOneWait);
    if (left.count() <= 0) return false;
    const int ready =
        poll(&waiting, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// The result of the last statement, or of the one that failed; null if the time is up.
PgResultPtr last_result(PGconn* connection, SteadyTime::time_point until) {
  PgResultPtr last;
  for (;;) {
    while (PQisBusy(connection) == 1)
      if (!wait_for(connection, PGRES_POLLING_READING, until) || PQconsumeInput(connection) != 1) return {};
    PgResultPtr next{PQgetResult(connection)};
    if (!next) return last;
    last = std::move(next);
  }
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
  const auto until = after(deadline);
  auto step = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED) return Failure{connect_failure(connection.get())};
    if (!wait_for(connection.get(), step, until)) return Failure{connect_errors::no_answer()};
    step = PQconnectPoll(connection.get());
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return connection;
}

Result<PgResultPtr> run_sql(PGconn* connection, const std::string& sql, std::string_view doing,
                            std::chrono::milliseconds patience) {
  PgResultPtr result;
  if (PQsendQuery(connection, sql.c_str()) == 1) {
    const auto until = after(patience);
    result = last_result(connection, until);
    if (!result && SteadyTime::now() >= until)
      return Failure{in_context(std::string{doing}, connect_errors::no_answer())};
  }
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  return Failure{error_of(connection, result.get(), doing)};
}

}  // namespace promptsales::backend
