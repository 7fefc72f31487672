#pragma once

#include <cstdint>
#include <string_view>

#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// Reads back what CborWriter has written, several times as fast as the general reader of nlohmann::json, which takes
/// it byte by byte: a pass unpacks some twenty objects.
///
/// Not      a reader for CBOR of others: what CborWriter does not write is a broken invariant.
class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : rest_(bytes) {}

  /// The next value, with all that is in it.
  [[nodiscard]] Json value();

 private:
  [[nodiscard]] unsigned char byte();
  [[nodiscard]] std::string_view bytes(std::uint64_t count);
  /// The number in, or after, the first byte of a value: itself, or how long the text is.
  [[nodiscard]] std::uint64_t argument(unsigned char initial);
  [[nodiscard]] bool at_end_of_container();
  [[nodiscard]] Json array();
  [[nodiscard]] Json map();

  std::string_view rest_;
};

}  // namespace promptsales::k8s
