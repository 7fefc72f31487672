#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace promptsales {

/// A request as a value: what is sent, without how. Built and tested without a socket.
struct HttpRequest {
  std::string method = "GET";
  std::string target;  ///< path and query, percent-encoded, beginning with '/'
  std::string body;    ///< empty for none
  std::string content_type;
  std::string accept = "application/json";
};

/// A whole response. Bodies are bounded by the transport.
struct HttpResponse {
  int status = 0;
  std::string body;
  std::string retry_after;  ///< the header's value as sent (seconds), empty if there was none
};

}  // namespace promptsales
