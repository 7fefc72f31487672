#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace promptsales::k8s {

/// Writes CBOR (RFC 8949) as values arrive, without knowing sizes ahead: containers are of indefinite length.
/// CborReader reads the result.
///
/// Not      checked: the caller balances open_… and close(), and writes a text key before each map value.
class CborWriter {
 public:
  void open_map() { out_ += '\xBF'; }
  void open_array() { out_ += '\x9F'; }
  void close() { out_ += '\xFF'; }
  void null() { out_ += '\xF6'; }
  void boolean(bool value) { out_ += value ? '\xF5' : '\xF4'; }
  void integer(std::int64_t value);
  void number(double value);
  void text(std::string_view value);

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  void head(unsigned major, std::uint64_t argument);
  void big_endian(std::uint64_t value, int bytes);

  std::string out_;
};

}  // namespace promptsales::k8s
