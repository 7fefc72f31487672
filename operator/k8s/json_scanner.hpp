#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace promptsales::k8s {

/// What a JSON text says, value by value, in its order. Each may refuse to go on by returning false. Strings may be moved
/// from.
class JsonReceiver {
 public:
  virtual ~JsonReceiver() = default;

  virtual bool null() = 0;
  virtual bool boolean(bool value) = 0;
  /// One beyond 2^63 - 1 comes as its two's complement.
  virtual bool integer(std::int64_t value) = 0;
  virtual bool number(double value) = 0;
  virtual bool string(std::string& value) = 0;
  virtual bool key(std::string& name) = 0;
  /// Whether the object or array that comes now is worth reading: false passes over it, and nothing is told of it.
  virtual bool wants_container() = 0;
  virtual bool open(bool is_array) = 0;
  virtual bool close() = 0;
};

/// Reads one JSON text (RFC 8259, UTF-8 that is checked). Nothing if it was read to its end; else the byte at which it
/// is no JSON, or at which the receiver refused to go on.
///
/// Not      checked: what is inside of a container that is passed over, but for its strings and brackets. What nobody
///          reads is half of what an API server sends.
/// Depth    as deep as the receiver accepts containers: it bounds the stack.
[[nodiscard]] std::optional<std::size_t> scan_json(std::string_view text, JsonReceiver& receiver);

}  // namespace promptsales::k8s
