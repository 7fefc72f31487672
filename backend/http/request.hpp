#pragma once

#include <ostream>  // Boost 1.74's string_view.hpp, which verb.hpp brings in, needs it and does not say so

#include <boost/beast/http/verb.hpp>
#include <string>
#include <string_view>

namespace promptsales::backend {

using HttpVerb = boost::beast::http::verb;

/// One request as the handlers see it: the head's fields that some handler reads, and the whole body.
///
/// Strings are reused from request to request of one connection, so that a steady client costs no allocation.
struct Request {
  HttpVerb method = HttpVerb::unknown;
  std::string target;           ///< as sent: path and query, percent-encoded
  std::string idempotency_key;  ///< Idempotency-Key, "" if absent
  std::string if_none_match;    ///< If-None-Match, "" if absent
  std::string content_type;
  std::string body;
  bool has_host = false;
  bool expects_continue = false;  ///< Expect: 100-continue
  bool keep_alive = false;        ///< what the client wants, by version and Connection

  [[nodiscard]] std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
  [[nodiscard]] std::string_view query() const {
    const auto at = target.find('?');
    return at == target.npos ? std::string_view{} : std::string_view{target}.substr(at + 1);
  }
  void clear();  ///< forgets the request, keeps the memory
};

}  // namespace promptsales::backend
