#include "backend/json/reader.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace promptsales::backend {
namespace {

constexpr std::size_t kMaxFaults = 20;

}  // namespace

ObjectReader::ObjectReader(const nlohmann::json& object, std::string pointer, FieldErrors& faults)
    : object_(object), pointer_(std::move(pointer)), faults_(faults) {
  if (!object_.is_object()) faults_.push_back({pointer_, "must be a JSON object"});
}

const nlohmann::json* ObjectReader::find(std::string_view member) const {
  if (!object_.is_object()) return nullptr;
  const auto at = object_.find(member);
  return at == object_.end() || at->is_null() ? nullptr : &*at;
}

bool ObjectReader::has(std::string_view member) const { return find(member) != nullptr; }

std::optional<std::string_view> ObjectReader::string(std::string_view member) {
  const auto* value = find(member);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::string_view{value->get_ref<const std::string&>()};
  fault(member, "must be a string");
  return std::nullopt;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view member) {
  const auto* value = find(member);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->is_number_unsigned() ? value->get<std::uint64_t>() <=
                                                      std::uint64_t{std::numeric_limits<std::int64_t>::max()}
                                                : value->is_number_integer();
  if (fits) return value->get<std::int64_t>();
  fault(member, "must be a whole number that fits in 64 bits");
  return std::nullopt;
}

std::optional<std::vector<std::string>> ObjectReader::strings(std::string_view member) {
  const auto* value = find(member);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array() || !std::ranges::all_of(*value, [](const auto& v) { return v.is_string(); })) {
    fault(member, "must be a list of strings");
    return std::nullopt;
  }
  return value->get<std::vector<std::string>>();
}

const nlohmann::json* ObjectReader::object(std::string_view member) {
  const auto* value = find(member);
  if (value == nullptr || value->is_object()) return value;
  fault(member, "must be an object");
  return nullptr;
}

void ObjectReader::only(std::initializer_list<std::string_view> known) {
  if (!object_.is_object()) return;
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::find(known, std::string_view{name}) == known.end()) fault(name, "is not a known field");
  }
}

void ObjectReader::fault(std::string_view member, std::string detail) {
  if (faults_.size() >= kMaxFaults) return;  // enough to begin with, and no answer larger than the question
  faults_.push_back({pointer_to(member), std::move(detail)});
}

std::string ObjectReader::pointer_to(std::string_view member) const {
  std::string pointer = pointer_ + "/";
  for (const char c : member) {  // RFC 6901 section 3
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

}  // namespace promptsales::backend
