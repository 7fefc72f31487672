#include "backend/http/reply.hpp"

#include <charconv>
#include <ostream>  // which Beast's status.hpp needs and does not include

#include <boost/beast/http/status.hpp>

namespace promptsales::backend {
namespace {

/// What Helmet sets for an API: nothing here is ever a page, a frame or a script.
constexpr std::string_view kConstantFields =
    "Server: promptsales\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    "Cache-Control: private, no-cache\r\n";

void append_number(std::string& out, std::size_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  const auto known = boost::beast::http::int_to_status(status);
  const auto text = boost::beast::http::obsolete_reason(known);
  return known == boost::beast::http::status::unknown ? "Status" : std::string_view{text.data(), text.size()};
}

void append_reply(std::string& out, const Reply& reply, const ReplyFraming& framing) {
  out += "HTTP/1.1 ";
  append_number(out, reply.status);
  out += ' ';
  out += reason_phrase(reply.status);
  out += "\r\nDate: ";
  out += framing.date;
  out += "\r\n";
  out += kConstantFields;
  out += reply.fields;
  if (!framing.keep_alive) out += "Connection: close\r\n";
  const bool bodiless = reply.status == 204 || reply.status == 304;
  if (!bodiless) {
    out += "Content-Type: ";
    out += reply.content_type;
    out += "\r\nContent-Length: ";
    append_number(out, reply.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  if (!bodiless && !framing.head_only) out += reply.body;
}

}  // namespace promptsales::backend
