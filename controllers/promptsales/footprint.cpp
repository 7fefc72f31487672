#include "controllers/promptsales/footprint.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/strings.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

constexpr std::int64_t kMi = 1024 * 1024;

/// Thousandths; 0 for what is no quantity: validate() has said so by then.
std::int64_t milli(std::string_view text) {
  const auto quantity = k8s::Quantity::parse(text);
  return quantity ? quantity->milli() : 0;
}

std::int64_t mebibytes(std::string_view text) {
  const auto quantity = k8s::Quantity::parse(text);
  return quantity ? quantity->whole() / kMi : 0;
}

std::string_view request(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.requests.find(name);
  return found == amounts.requests.end() ? "0" : std::string_view{found->second};
}

}  // namespace

std::optional<std::string> over_budget(const Effective& effective) {
  const auto& budget = profile_of(effective.tier).budget;
  if (!budget) return std::nullopt;

  const auto pods = effective.backend.max_replicas;
  const auto& [backend, database, cache] =
      std::tie(effective.backend.resources, effective.database.resources, effective.cache.resources);
  const auto cpu =
      pods * milli(request(backend, "cpu")) + milli(request(database, "cpu")) + milli(request(cache, "cpu"));
  const auto memory = pods * mebibytes(request(backend, "memory")) + mebibytes(request(database, "memory")) +
                      mebibytes(request(cache, "memory"));
  const auto storage = effective.database.storage.empty() ? 0 : mebibytes(effective.database.storage);

  std::vector<std::string> over;
  const auto compare = [&](std::string_view what, std::int64_t wanted, std::int64_t has,
                           std::string_view unit, std::string_view stated) {
    if (wanted > has)
      over.push_back(std::string{what} + " " + std::to_string(wanted) + std::string{unit} + " of " +
                     std::string{stated});
  };
  compare("cpu", cpu, milli(budget->cpu), "m", budget->cpu);
  compare("memory", memory, mebibytes(budget->memory), "Mi", budget->memory);
  compare("storage", storage, mebibytes(budget->storage), "Mi", budget->storage);
  if (over.empty()) return std::nullopt;
  return "The requests at " + std::to_string(pods) + " backend replicas exceed what tier " +
         std::string{text_of(effective.tier)} + " stands for (" + join(over, ", ") +
         "): choose the next tier, or lower them";
}

}  // namespace promptsales::controllers
