#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace promptsales::backend {

/// A reply of Redis (RESP2, which every Redis and Valkey speaks without asking).
struct RespValue {
  struct Null {
    friend bool operator==(const Null&, const Null&) = default;
  };
  struct ErrorText {
    std::string text;
    friend bool operator==(const ErrorText&, const ErrorText&) = default;
  };
  std::variant<Null, ErrorText, std::int64_t, std::string, std::vector<RespValue>> is;

  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&is); }
  [[nodiscard]] const std::vector<RespValue>* list() const {
    return std::get_if<std::vector<RespValue>>(&is);
  }
  [[nodiscard]] const ErrorText* error() const { return std::get_if<ErrorText>(&is); }
  friend bool operator==(const RespValue&, const RespValue&) = default;
};

/// A command as an array of bulk strings, appended to `out`. Arguments may hold any bytes.
void append_command(std::string& out, const std::vector<std::string_view>& arguments);

/// Takes replies from bytes in any split.
///
/// Not      a defence against a hostile server: a bulk string may take up to `kMaxBulk`, nesting up to
/// `kMaxDepth`. Threads  one object per connection.
class RespDecoder {
 public:
  static constexpr std::int64_t kMaxBulk = 16 * 1024 * 1024;
  static constexpr int kMaxDepth = 4;

  void append(std::string_view bytes);
  /// The next whole reply; nothing if more bytes are needed, or for ever after broken().
  [[nodiscard]] std::optional<RespValue> next();
  /// The bytes were not RESP: the connection is useless.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::optional<RespValue> parse(std::size_t& at, int depth);
  std::optional<std::string_view> line(std::size_t& at);
  std::optional<RespValue> bulk(std::size_t& at, std::int64_t length);
  std::optional<RespValue> array(std::size_t& at, std::int64_t length, int depth);

  std::string buffer_;
  std::size_t begin_ = 0;  ///< before it: already taken
  bool broken_ = false;
};

}  // namespace promptsales::backend
