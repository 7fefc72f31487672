#include "backend/routes/failure_reply.hpp"

#include "backend/http/problem.hpp"
#include "backend/log.hpp"

namespace promptsales::backend {

Reply reply_to_failure(const Error& error) {
  if (error.remedy == Remedy::kRetryWithBackoff)
    return unavailable("The request could not be answered right now; send it again in a moment.");
  // 42P01 and 42703: the schema is behind this program, which migrates as soon as it can.
  if (error.reason == "Sql42P01" || error.reason == "Sql42703")
    return unavailable("The database is being prepared; send the request again in a moment.");
  log_line(LogLevel::kError, "request failed",
           {{"reason", std::string_view{error.reason}}, {"error", std::string_view{error.message}}});
  return problem(500, "internal", "Something is wrong on our side; it has been logged.");
}

}  // namespace promptsales::backend
