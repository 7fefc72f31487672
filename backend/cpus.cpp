#include "backend/cpus.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

namespace promptsales::backend {

std::optional<unsigned> cpus_of_quota(std::string_view cpu_max) {
  const auto space = cpu_max.find(' ');
  if (space == cpu_max.npos) return std::nullopt;
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  const auto* end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), cpu_max.data() + space, quota);
  const auto second = std::from_chars(cpu_max.data() + space + 1, end, period);
  if (first.ec != std::errc{} || second.ec != std::errc{} || period == 0) return std::nullopt;
  return static_cast<unsigned>(std::max<std::uint64_t>(1, (quota + period - 1) / period));
}

unsigned available_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  const bool known = sched_getaffinity(0, sizeof mask, &mask) == 0;
  const auto affinity = known ? static_cast<unsigned>(std::max(1, CPU_COUNT(&mask))) : 1U;
  std::ifstream file{"/sys/fs/cgroup/cpu.max"};
  std::string line;
  std::getline(file, line);
  return std::min(affinity, cpus_of_quota(line).value_or(affinity));
}

}  // namespace promptsales::backend
