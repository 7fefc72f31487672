#pragma once

#include <optional>
#include <string_view>

namespace promptsales::backend {

/// The CPUs of a cgroup v2 `cpu.max` ("150000 100000" is 2: rounded up), or nothing where it is "max".
[[nodiscard]] std::optional<unsigned> cpus_of_quota(std::string_view cpu_max);

/// How many CPUs this process may really use: the smaller of its affinity mask and its cgroup quota, at
/// least 1. The machine's number of CPUs is not asked: a container with two of 64 would start 64 loops.
[[nodiscard]] unsigned available_cpus();

}  // namespace promptsales::backend
