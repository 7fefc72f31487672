#include "controllers/promptsales/amounts.hpp"

#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

constexpr std::int64_t kMi = 1024 * 1024;

void take_larger(std::map<std::string, std::string>& into, const std::map<std::string, std::string>& from) {
  for (const auto& [name, quantity] : from) {
    const auto [entry, added] = into.try_emplace(name, quantity);
    if (!added) entry->second = larger_of(entry->second, quantity);
  }
}

}  // namespace

std::int64_t milli(std::string_view quantity) {
  const auto parsed = k8s::Quantity::parse(quantity);
  return parsed ? parsed->milli() : 0;
}

std::int64_t bytes(std::string_view quantity) {
  const auto parsed = k8s::Quantity::parse(quantity);
  return parsed ? parsed->whole() : 0;
}

std::int64_t mebibytes(std::string_view quantity) { return bytes(quantity) / kMi; }

std::string_view request(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.requests.find(name);
  return found == amounts.requests.end() ? "0" : std::string_view{found->second};
}

std::string larger_of(const std::string& one, const std::string& other) {
  const auto left = k8s::Quantity::parse(one);
  const auto right = k8s::Quantity::parse(other);
  return left && right && *right > *left ? other : one;
}

Amounts larger_of(const Amounts& one, const Amounts& other) {
  Amounts larger = one;
  take_larger(larger.requests, other.requests);
  take_larger(larger.limits, other.limits);
  return larger;
}

}  // namespace promptsales::controllers
