#include "controllers/promptsales/codec.hpp"

#include <limits>

namespace promptsales::controllers {

std::string key_path(const std::string& path, const std::string& key) {
  return key.find_first_of("./[]") == std::string::npos ? path + "." + key : path + "[" + key + "]";
}

namespace detail {
namespace {

Failure invalid(std::string message) {
  return failure(Remedy::kWaitForSpecChange, "InvalidSpec", std::move(message));
}

std::string_view name_of_type(const k8s::Json& json) {
  if (json.is_null()) return "empty";
  if (json.is_object()) return "an object";
  if (json.is_array()) return "a list";
  if (json.is_string()) return "text";
  if (json.is_boolean()) return "true or false";
  if (json.is_number_float()) return "a fraction";
  return "a number";
}

}  // namespace

Failure wrong_type(const std::string& path, std::string_view wanted, const k8s::Json& found) {
  return invalid(path + " must be " + std::string{wanted} + ", but it is " +
                 std::string{name_of_type(found)});
}

Failure missing(const std::string& path) { return invalid(path + " is missing: set it"); }

Failure unknown_value(const std::string& path, std::string_view wanted, const std::string& found) {
  return invalid(path + " must be one of " + std::string{wanted} + ", but it is \"" + found + "\"");
}

Result<std::string> decode_string(const k8s::Json& json, const std::string& path) {
  if (!json.is_string()) return wrong_type(path, "text", json);
  return json.get<std::string>();
}

Result<std::int64_t> decode_integer(const k8s::Json& json, const std::string& path) {
  if (!json.is_number_integer()) return wrong_type(path, "a whole number", json);
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest))
    return invalid(path + " is too large");
  return json.get<std::int64_t>();
}

Result<Quantity> decode_quantity(const k8s::Json& json, const std::string& path) {
  if (json.is_number_integer()) return Quantity{json.dump()};
  if (!json.is_string()) return wrong_type(path, "a quantity such as \"500m\" or \"2Gi\"", json);
  return Quantity{json.get<std::string>()};
}

}  // namespace detail
}  // namespace promptsales::controllers
