#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backend/http/limits.hpp"
#include "backend/http/request.hpp"

namespace promptsales::backend {

/// Why a request cannot be read. The connection must be closed after the reply: where the next request would
/// begin is unknown.
struct ParseFailure {
  unsigned status;          ///< 400, 413, 431, 501 or 505
  std::string_view detail;  ///< one sentence for the client
};

/// Reads one HTTP/1 request from bytes in any split, with Beast's grammar and our refusals on top: anything
/// that two servers could understand differently (request smuggling, RFC 9112 section 11.2) is an error, not
/// a guess. Refused are Transfer-Encoding beside Content-Length, any coding but `chunked`, a Content-Length
/// list, folded fields, bare LF, and an HTTP/1.1 request without exactly one Host.
///
/// Threads  one object per connection and request; `request` must outlive it.
class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Request& request, const HttpLimits& limits);

  /// Takes bytes from the front of `bytes` and returns how many; the caller presents the rest again, with
  /// more behind it. Bytes after the end of this request are not taken. REQUIRES: neither done() nor
  /// failure() before the call.
  [[nodiscard]] std::size_t feed(std::string_view bytes);

  [[nodiscard]] bool head_done() const { return is_header_done(); }
  [[nodiscard]] bool done() const { return is_done() && !failure_; }
  [[nodiscard]] const std::optional<ParseFailure>& failure() const { return failure_; }

 private:
  using Base = boost::beast::http::basic_parser<true>;
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;

  std::size_t feed_head(std::string_view bytes);
  void check_head();
  void fail(ErrorCode error);

  // Called by Base while it parses.
  void on_request_impl(HttpVerb method, View name, View target, int version, ErrorCode& error) override;
  void on_response_impl(int, View, int, ErrorCode&) override {}
  void on_field_impl(boost::beast::http::field name, View text, View value, ErrorCode& error) override;
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode& error) override;
  std::size_t on_body_impl(View bytes, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t left, View bytes, ErrorCode& error) override;
  void on_finish_impl(ErrorCode&) override {}

  Request& request_;
  const std::size_t max_head_;
  std::size_t head_bytes_ = 0;  ///< taken so far
  std::string before_;          ///< the last two of them: a line may end where a piece does
  bool folded_ = false;
  bool raw_target_ = false;
  int version_ = 11;
  int hosts_ = 0;
  bool length_list_ = false;
  bool transfer_encoding_ = false;
  bool foreign_coding_ = false;
  std::optional<ParseFailure> failure_;
};

}  // namespace promptsales::backend
