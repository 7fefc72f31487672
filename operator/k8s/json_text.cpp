#include "operator/k8s/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace promptsales::k8s {
namespace {

/// Stands for itself in a string: nothing is said here of what is not ASCII.
bool is_plain(char c) { return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_string(std::string& out, const std::string& text) {
  out += '"';
  for (auto at = text.begin(); at != text.end();) {
    const auto odd = std::find_if_not(at, text.end(), is_plain);
    out.append(at, odd);
    if (odd == text.end()) break;
    if (*odd == '"' || *odd == '\\') {
      (out += '\\') += *odd;
    } else if (*odd == '\n') {
      out += "\\n";
    } else {  // rare, and it may be no UTF-8: the library's
      const std::string rest = Json(std::string{odd, text.end()}).dump();
      out.append(rest, 1, rest.size() - 2);
      break;
    }
    at = odd + 1;
  }
  out += '"';
}

void append_integer(std::string& out, auto value) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append(std::string& out, const Json& value) {
  const char* separator = "";
  switch (value.type()) {
    case Json::value_t::object:
      out += '{';
      for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        out += std::exchange(separator, ",");
        append_string(out, name);
        out += ':';
        append(out, member);
      }
      out += '}';
      return;
    case Json::value_t::array:
      out += '[';
      for (const Json& element : value) {
        out += std::exchange(separator, ",");
        append(out, element);
      }
      out += ']';
      return;
    case Json::value_t::string:
      return append_string(out, value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
      return append_integer(out, value.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return append_integer(out, value.get<std::uint64_t>());
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    default:
      out += value.dump();
  }
}

}  // namespace

std::string json_text(const Json& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace promptsales::k8s
