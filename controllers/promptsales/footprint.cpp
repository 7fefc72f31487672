#include "controllers/promptsales/footprint.hpp"

#include <cstdint>
#include <vector>

#include "base/strings.hpp"
#include "controllers/promptsales/servers.hpp"

namespace promptsales::controllers {

std::optional<std::string> over_budget(const Effective& effective) {
  const auto& budget = effective.machines;
  if (!budget) return std::nullopt;

  const auto pods = effective.backend.max_replicas;
  const auto& backend = effective.backend.resources;
  std::int64_t cpu = pods * milli(request(backend, "cpu"));
  std::int64_t memory = pods * mebibytes(request(backend, "memory"));
  std::int64_t disk = 0;
  for (const auto& [count, resources, storage] : servers_in_the_cluster(effective)) {
    cpu += count * milli(request(resources, "cpu"));
    memory += count * mebibytes(request(resources, "memory"));
    disk += count * mebibytes(storage);
  }

  std::vector<std::string> over;
  const auto compare = [&](std::string_view what, std::int64_t wanted, std::int64_t has,
                           std::string_view unit, std::string_view stated) {
    if (wanted > has)
      over.push_back(std::string{what} + " " + std::to_string(wanted) + std::string{unit} + " of " +
                     std::string{stated});
  };
  compare("cpu", cpu, milli(budget->cpu), "m", budget->cpu);
  compare("memory", memory, mebibytes(budget->memory), "Mi", budget->memory);
  compare("storage", disk, mebibytes(budget->storage), "Mi", budget->storage);
  if (over.empty()) return std::nullopt;
  return "The requests at " + std::to_string(pods) + " backend replicas exceed what tier " +
         std::string{text_of(effective.tier)} + " stands for (" + join(over, ", ") +
         "): choose the next tier, or lower them";
}

}  // namespace promptsales::controllers
