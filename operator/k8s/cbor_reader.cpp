#include "operator/k8s/cbor_reader.hpp"

#include <bit>

#include "base/check.hpp"

namespace promptsales::k8s {

unsigned char CborReader::byte() { return static_cast<unsigned char>(bytes(1).front()); }

std::string_view CborReader::bytes(std::uint64_t count) {
  PS_CHECK(count <= rest_.size());
  const auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint64_t CborReader::argument(unsigned char initial) {
  const unsigned info = initial & 31U;
  if (info < 24) return info;
  std::uint64_t number = 0;
  for (const char c : bytes(1ULL << (info - 24))) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

bool CborReader::at_end_of_container() {
  PS_CHECK(!rest_.empty());
  if (rest_.front() != '\xFF') return false;
  rest_.remove_prefix(1);
  return true;
}

Json CborReader::array() {
  Json::array_t items;
  while (!at_end_of_container()) items.push_back(value());
  return items;
}

Json CborReader::map() {
  Json::object_t members;
  while (!at_end_of_container()) {
    const auto name = bytes(argument(byte()));
    members.emplace_hint(members.end(), name, value());  // the server sends most names in order
  }
  return members;
}

Json CborReader::value() {
  const unsigned char initial = byte();
  switch (initial >> 5U) {
    case 0:
      return argument(initial);
    case 1:
      return -1 - static_cast<std::int64_t>(argument(initial));
    case 3:
      return bytes(argument(initial));
    case 4:
      return array();
    case 5:
      return map();
    default:
      break;
  }
  switch (initial) {
    case 0xF4:
      return false;
    case 0xF5:
      return true;
    case 0xFB:
      return std::bit_cast<double>(argument(initial));
    default:
      PS_CHECK(initial == 0xF6);
      return nullptr;
  }
}

}  // namespace promptsales::k8s
