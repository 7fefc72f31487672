#pragma once

#include <string>
#include <string_view>

namespace promptsales::backend {

/// What a handler answers. Everything else that a reply carries (length, date, security fields, connection)
/// is added when it is written.
struct Reply {
  unsigned status = 200;
  std::string_view content_type = "application/json";  ///< a literal
  std::string body;
  std::string fields;  ///< extra header lines, each ended by CRLF; values must hold no CR or LF
};

/// How the connection wants one reply written.
struct ReplyFraming {
  bool keep_alive = true;
  bool head_only = false;  ///< the request was HEAD: Content-Length tells what GET would send
  std::string_view date;   ///< IMF-fixdate
};

/// The reply as bytes, appended to `out`: status line, fields, and body.
void append_reply(std::string& out, const Reply& reply, const ReplyFraming& framing);

/// "HTTP/1.1 503 Service Unavailable": the standard phrase of the codes that we send, "Status" for others.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace promptsales::backend
