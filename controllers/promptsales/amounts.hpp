#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace promptsales::controllers {

/// Requests and limits by resource name, as quantities: what goes into a container's `resources`.
struct Amounts {
  std::map<std::string, std::string> requests;
  std::map<std::string, std::string> limits;

  bool operator==(const Amounts&) const = default;
};

/// "500m" is 500, "2" is 2000. 0 for what is no quantity: validate() has said so by then.
[[nodiscard]] std::int64_t milli(std::string_view quantity);

/// "1Ki" is 1024. 0 for what is no quantity.
[[nodiscard]] std::int64_t bytes(std::string_view quantity);

/// "1Gi" is 1024, rounded down. 0 for what is no quantity.
[[nodiscard]] std::int64_t mebibytes(std::string_view quantity);

/// The request of a resource as it is written; "0" if there is none.
[[nodiscard]] std::string_view request(const Amounts& amounts, const std::string& name);

/// For each resource the larger of both, in the spelling of the one that it is taken from.
[[nodiscard]] Amounts larger_of(const Amounts& one, const Amounts& other);

/// The larger of two quantities; the first if one of them is no quantity.
[[nodiscard]] std::string larger_of(const std::string& one, const std::string& other);

}  // namespace promptsales::controllers
