#include "operator/k8s/cbor_writer.hpp"

#include <bit>

namespace promptsales::k8s {

void CborWriter::big_endian(std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out_ += static_cast<char>(value >> shift & 255U);
}

void CborWriter::head(unsigned major, std::uint64_t argument) {
  const auto initial = [&](unsigned info) { out_ += static_cast<char>(major << 5U | info); };
  if (argument < 24) return initial(static_cast<unsigned>(argument));
  const int log2_bytes = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
  initial(24U + static_cast<unsigned>(log2_bytes));
  big_endian(argument, 1 << log2_bytes);
}

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) return head(0, static_cast<std::uint64_t>(value));
  head(1, static_cast<std::uint64_t>(-(value + 1)));
}

void CborWriter::number(double value) {
  out_ += '\xFB';
  big_endian(std::bit_cast<std::uint64_t>(value), 8);
}

void CborWriter::text(std::string_view value) {
  head(3, value.size());
  out_ += value;
}

}  // namespace promptsales::k8s
