#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/json/field_error.hpp"

namespace promptsales::backend {

/// Reads the members of one JSON object into typed values and collects *every* fault with its JSON pointer,
/// so that a client can repair all of them in one go.
///
/// A member that is absent or null reads as nullopt; a member of the wrong type reads as nullopt and is a
/// fault. Threads  one object per thread; `object` and `faults` must outlive the reader.
class ObjectReader {
 public:
  /// `object` need not be an object: then that is the fault, and every member is absent.
  ObjectReader(const nlohmann::json& object, std::string pointer, FieldErrors& faults);

  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] std::optional<std::string_view> string(std::string_view member);
  /// Whole numbers within int64 only; 1.0 is not one.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view member);
  [[nodiscard]] std::optional<std::vector<std::string>> strings(std::string_view member);
  /// The member if it is an object; nullptr (and a fault unless absent) otherwise.
  [[nodiscard]] const nlohmann::json* object(std::string_view member);

  /// Any member not in `known` is a fault: a misspelt name must not be ignored silently.
  void only(std::initializer_list<std::string_view> known);
  void fault(std::string_view member, std::string detail);
  [[nodiscard]] std::string pointer_to(std::string_view member) const;

 private:
  const nlohmann::json* find(std::string_view member) const;

  const nlohmann::json& object_;
  const std::string pointer_;
  FieldErrors& faults_;
};

}  // namespace promptsales::backend
