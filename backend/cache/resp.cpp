#include "backend/cache/resp.hpp"

#include <charconv>

namespace promptsales::backend {
namespace {

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void append_header(std::string& out, char kind, std::size_t count) {
  out += kind;
  out += std::to_string(count);
  out += "\r\n";
}

}  // namespace

void append_command(std::string& out, const std::vector<std::string_view>& arguments) {
  append_header(out, '*', arguments.size());
  for (const auto argument : arguments) {
    append_header(out, '$', argument.size());
    out += argument;
    out += "\r\n";
  }
}

void RespDecoder::append(std::string_view bytes) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::optional<RespValue> RespDecoder::next() {
  if (broken_) return std::nullopt;
  std::size_t at = begin_;
  auto value = parse(at, 0);
  if (!value || broken_) return std::nullopt;
  begin_ = at;
  return value;
}

/// Up to the next CRLF, which is skipped; nothing if it is not there yet.
std::optional<std::string_view> RespDecoder::line(std::size_t& at) {
  const auto end = buffer_.find("\r\n", at);
  if (end == buffer_.npos) return std::nullopt;
  const auto text = std::string_view{buffer_}.substr(at, end - at);
  at = end + 2;
  return text;
}

std::optional<RespValue> RespDecoder::parse(std::size_t& at, int depth) {
  const auto text = line(at);
  if (!text) return std::nullopt;
  const char kind = text->empty() ? '\0' : text->front();
  const auto rest = text->substr(text->empty() ? 0 : 1);
  if (kind == '+') return RespValue{std::string{rest}};
  if (kind == '-') return RespValue{RespValue::ErrorText{std::string{rest}}};
  const auto number = to_integer(rest);
  if (number && kind == ':') return RespValue{*number};
  if (number && kind == '$') return bulk(at, *number);
  if (number && kind == '*') return array(at, *number, depth);
  broken_ = true;
  return std::nullopt;
}

std::optional<RespValue> RespDecoder::bulk(std::size_t& at, std::int64_t length) {
  if (length == -1) return RespValue{};
  if (length < 0 || length > kMaxBulk) broken_ = true;
  const auto size = static_cast<std::size_t>(length);
  if (broken_ || buffer_.size() - at < size + 2) return std::nullopt;
  if (buffer_.compare(at + size, 2, "\r\n") != 0) {
    broken_ = true;
    return std::nullopt;
  }
  RespValue value{buffer_.substr(at, size)};
  at += size + 2;
  return value;
}

std::optional<RespValue> RespDecoder::array(std::size_t& at, std::int64_t length, int depth) {
  if (length == -1) return RespValue{};
  if (length < 0 || depth >= kMaxDepth) {
    broken_ = true;
    return std::nullopt;
  }
  std::vector<RespValue> items;
  for (std::int64_t i = 0; i < length; ++i) {
    auto item = parse(at, depth + 1);
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
  }
  return RespValue{std::move(items)};
}

}  // namespace promptsales::backend
