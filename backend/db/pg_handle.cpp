#include "backend/db/pg_handle.hpp"

#include <algorithm>

namespace promptsales::backend {

std::string last_error(const PGconn* connection) {
  std::string message = PQerrorMessage(connection);
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  std::ranges::replace(message, '\n', ' ');
  return message.empty() ? "the connection was lost" : message;
}

}  // namespace promptsales::backend
