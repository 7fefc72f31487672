#include "controllers/promptsales/footprint.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/strings.hpp"

namespace promptsales::controllers {

std::optional<std::string> over_budget(const Effective& effective) {
  const auto& budget = effective.machines;
  if (!budget) return std::nullopt;

  const auto pods = effective.backend.max_replicas;
  const Effective::Database elsewhere;  // what others run is not on the tier's machines
  const bool is_here = effective.database.type == DatabaseType::kEmbedded ||
                       effective.database.type == DatabaseType::kCloudNativePg;
  const auto& its = is_here ? effective.database : elsewhere;
  const Amounts no_cache;
  const auto& cache = effective.cache.type == CacheType::kEmbedded ? effective.cache.resources : no_cache;
  const auto& [backend, database, messaging] =
      std::tie(effective.backend.resources, its.resources, effective.messaging.resources);
  const auto cpu = pods * milli(request(backend, "cpu")) + milli(request(database, "cpu")) +
                   milli(request(cache, "cpu")) + milli(request(messaging, "cpu"));
  const auto memory = pods * mebibytes(request(backend, "memory")) + mebibytes(request(database, "memory")) +
                      mebibytes(request(cache, "memory")) + mebibytes(request(messaging, "memory"));
  const auto storage = mebibytes(its.storage) + mebibytes(effective.messaging.storage);

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
