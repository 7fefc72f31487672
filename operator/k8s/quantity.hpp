#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace promptsales::k8s {

/// A Kubernetes quantity, "500m" or "16Gi", as an exact value.
///
/// Units    nano units of whatever is counted (cores, bytes); finer parts are rounded away from zero.
/// Range    whole units within ±(2^63 - 1), as in the API.
/// Threads  a value; pure.
/// Not      a resource name's meaning: that "0.5" bytes make no sense is the API server's to say.
/// Source   apimachinery pkg/api/resource/quantity.go: grammar, limits and canonical form.
class Quantity {
 public:
  /// Errors: kWaitForSpecChange, reason InvalidQuantity, the message quotes the text and shows valid ones.
  [[nodiscard]] static Result<Quantity> parse(std::string_view text);

  /// The spelling that the API server leaves as it is: no fraction, the largest suffix that loses nothing,
  /// the suffix family of the parsed text ("1.5Gi" is "1536Mi", "0.5" is "500m", "1000m" is "1").
  [[nodiscard]] std::string text() const;

  /// Whole units, rounded up: bytes of a memory size.
  [[nodiscard]] std::int64_t whole() const;
  /// Thousandths, rounded up: millicores of a CPU share. Saturates at 2^63 - 1.
  [[nodiscard]] std::int64_t milli() const;

  /// By value: "1Gi" equals "1024Mi".
  std::strong_ordering operator<=>(const Quantity& other) const { return nano_ <=> other.nano_; }
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  __extension__ using Nano = __int128;
  enum class Family { kDecimal, kBinary, kExponent };

  Quantity(Nano nano, Family family) : nano_(nano), family_(family) {}

  Nano nano_;
  Family family_;
};

/// Quantity::text of `text`; `text` itself if it is no quantity, so that the API server is the one to refuse
/// it.
[[nodiscard]] std::string canonical_quantity(std::string_view text);

}  // namespace promptsales::k8s
