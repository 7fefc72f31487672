#include "backend/http/parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace promptsales::backend {
namespace {

namespace http = boost::beast::http;

/// RFC 9112 sections 2.2 and 5.2: a line ends in CRLF, and a line that begins with a blank continues the one
/// before (obs-fold). Beast accepts the second; we accept neither.
bool has_folded_or_bare_line(std::string_view head, bool from_the_beginning) {
  for (auto at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
    if (at == 0 ? from_the_beginning : head[at - 1] != '\r') return true;
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
  }
  return false;
}

ParseFailure failure_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit) return {431, "The head of the request is larger than 8 KiB."};
  if (error == http::error::body_limit) return {413, "The body of the request is larger than 1 MiB."};
  if (error == http::error::bad_version) return {505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
  return {400, "The request is not well-formed HTTP/1.1."};
}

}  // namespace

RequestParser::RequestParser(Request& request, const HttpLimits& limits)
    : request_(request), max_head_(limits.header_bytes) {
  request_.clear();
  header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  body_limit(limits.body_bytes);
  eager(false);
}

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  if (!is_header_done()) taken = feed_head(bytes);
  if (!is_header_done() || failure_) return taken;
  while (!is_done() && !failure_ && taken < bytes.size()) {
    ErrorCode error;
    const auto rest = bytes.substr(taken);
    const auto n = put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
    taken += n;
    if (error == http::error::need_more) break;
    if (error) fail(error);
    if (n == 0 && !error && !is_done()) break;
  }
  return taken;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  ErrorCode error;
  const auto taken = put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
  // Beast takes whole fields as they come, and counts only what it has not taken yet.
  head_bytes_ += taken;
  const std::string seam = before_ + std::string{bytes.substr(0, taken)};
  folded_ = folded_ || has_folded_or_bare_line(seam, before_.empty());
  before_ = seam.substr(seam.size() - std::min<std::size_t>(seam.size(), 2));
  if (head_bytes_ > max_head_) error = http::error::header_limit;
  if (error == http::error::need_more) return taken;
  if (error) {
    fail(error);
    return taken;
  }
  check_head();
  eager(true);
  return taken;
}

void RequestParser::check_head() {
  request_.keep_alive = keep_alive();
  request_.has_host = hosts_ == 1;
  if (raw_target_) {
    failure_ = {400, "The target is not percent-encoded."};
  } else if (folded_) {
    failure_ = {400, "Folded header fields and lines that end in LF alone are not accepted."};
  } else if (length_list_ || (transfer_encoding_ && (version_ != 11 || content_length()))) {
    failure_ = {400, "The length of the body is ambiguous."};
  } else if (foreign_coding_) {
    failure_ = {501, "The only transfer coding spoken here is chunked."};
  } else if (hosts_ > 1 || (version_ == 11 && hosts_ == 0)) {
    failure_ = {400, "An HTTP/1.1 request must have exactly one Host."};
  }
}

void RequestParser::fail(ErrorCode error) { failure_ = failure_of(error); }

void RequestParser::on_request_impl(HttpVerb method, View, View target, int version, ErrorCode&) {
  request_.method = method;
  request_.target.assign(target.data(), target.size());
  version_ = version;
  raw_target_ = std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void RequestParser::on_field_impl(http::field name, View text, View value, ErrorCode&) {
  switch (name) {
    case http::field::host:
      ++hosts_;
      break;
    case http::field::content_length:
      length_list_ = length_list_ || value.find(',') != value.npos;
      break;
    case http::field::transfer_encoding:
      transfer_encoding_ = true;
      foreign_coding_ = foreign_coding_ || !boost::beast::iequals(value, "chunked");
      break;
    case http::field::content_type:
      request_.content_type.assign(value.data(), value.size());
      break;
    case http::field::if_none_match:
      request_.if_none_match.assign(value.data(), value.size());
      break;
    case http::field::expect:
      request_.expects_continue = boost::beast::iequals(value, "100-continue");
      break;
    case http::field::unknown:
      if (boost::beast::iequals(text, "Idempotency-Key"))
        request_.idempotency_key.assign(value.data(), value.size());
      break;
    default:
      break;
  }
}

void RequestParser::on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) {
  if (length) request_.body.reserve(static_cast<std::size_t>(*length));
}

std::size_t RequestParser::on_body_impl(View bytes, ErrorCode&) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode&) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace promptsales::backend
