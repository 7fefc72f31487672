#include "controllers/promptsales/bindings/machines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "controllers/promptsales/amounts.hpp"

namespace promptsales::controllers::bindings {
namespace {

constexpr std::int64_t kMi = 1024 * 1024;

struct Machine {
  std::int64_t cores;
  std::int64_t mebibytes;
  std::string_view name;
};

// Current generations, smallest first. Sources: the providers' price pages, 2026; what is wrong or new there
// can be named in the spec.
constexpr std::array kRds{Machine{2, 1024, "db.t4g.micro"},      Machine{2, 2048, "db.t4g.small"},
                          Machine{2, 4096, "db.t4g.medium"},     Machine{2, 8192, "db.m7g.large"},
                          Machine{4, 16384, "db.m7g.xlarge"},    Machine{8, 32768, "db.m7g.2xlarge"},
                          Machine{8, 65536, "db.r7g.2xlarge"},   Machine{16, 65536, "db.m7g.4xlarge"},
                          Machine{16, 131072, "db.r7g.4xlarge"}, Machine{32, 131072, "db.m7g.8xlarge"}};
// Memory as the server has it, which is less than the machine's.
constexpr std::array kElastiCache{
    Machine{2, 512, "cache.t4g.micro"},     Machine{2, 1402, "cache.t4g.small"},
    Machine{2, 3164, "cache.t4g.medium"},   Machine{2, 6533, "cache.m7g.large"},
    Machine{4, 13240, "cache.m7g.xlarge"},  Machine{8, 26675, "cache.m7g.2xlarge"},
    Machine{16, 53583, "cache.m7g.4xlarge"}};
constexpr std::array kAzurePostgres{
    Machine{1, 2048, "Standard_B1ms"},       Machine{2, 4096, "Standard_B2s"},
    Machine{2, 8192, "Standard_D2ds_v5"},    Machine{4, 16384, "Standard_D4ds_v5"},
    Machine{8, 32768, "Standard_D8ds_v5"},   Machine{16, 65536, "Standard_D16ds_v5"},
    Machine{32, 131072, "Standard_D32ds_v5"}};
constexpr std::array kAzureRedis{Machine{1, 250, "Standard_C0"},   Machine{1, 1024, "Standard_C1"},
                                 Machine{2, 2560, "Standard_C2"},  Machine{4, 6144, "Standard_C3"},
                                 Machine{4, 13312, "Standard_C4"}, Machine{4, 26624, "Standard_C5"},
                                 Machine{8, 54272, "Standard_C6"}};

// GiB. Source: Azure Database for PostgreSQL flexible server, "Storage", Premium SSD.
constexpr std::array<std::int64_t, 11> kAzureDisks{32,   64,   128,  256,   512,  1024,
                                                   2048, 4096, 8192, 16384, 32767};

template <std::size_t N>
std::string smallest(const std::array<Machine, N>& machines, const Size& size, bool by_cores = true) {
  const auto found = std::ranges::find_if(machines, [&](const Machine& each) {
    return (!by_cores || each.cores >= size.cores) && each.mebibytes >= size.mebibytes;
  });
  return std::string{(found == machines.end() ? machines.back() : *found).name};
}

template <std::size_t N>
std::optional<std::int64_t> memory_of(const std::array<Machine, N>& machines, std::string_view name) {
  const auto found = std::ranges::find(machines, name, &Machine::name);
  return found == machines.end() ? std::nullopt : std::optional{found->mebibytes};
}

constexpr std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

// LEAST(DBInstanceClassMemory / 9531392, 5000). Source: Amazon RDS user guide, "Quotas and constraints", maximum number
// of database connections. That memory is the machine's without what RDS itself uses, which no document says: 20 % were
// seen on a db.t4g.small, 7 % on classes of 8 GiB. An eighth and 256 MiB are more than either.
std::optional<std::int64_t> rds_connections(std::string_view instance_class) {
  const auto memory = memory_of(kRds, instance_class);
  if (!memory) return std::nullopt;
  return std::min<std::int64_t>((*memory - *memory / 8 - 256) * kMi / 9531392, 5000);
}

/// The MiB at the end of db-custom-<cores>-<MiB>, and the 8 GiB for each core of db-perf-optimized-N-<cores>.
std::optional<std::int64_t> memory_of_tier(std::string_view tier) {
  const bool custom = tier.starts_with("db-custom-");
  if (!custom && !tier.starts_with("db-perf-optimized-N-")) return std::nullopt;
  const auto number = tier.substr(tier.rfind('-') + 1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return custom ? value : value * 8192;
}

// By memory, in steps. Source: Cloud SQL for PostgreSQL, "Configure database flags", max_connections. A machine that is
// just as large as a step begins is counted to the one below: editions of that table differ there.
std::optional<std::int64_t> cloud_sql_connections(std::string_view tier) {
  if (tier == "db-f1-micro") return 25;
  if (tier == "db-g1-small") return 50;
  const auto memory = memory_of_tier(tier);
  if (!memory) return std::nullopt;
  struct Step {
    std::int64_t above_mebibytes;
    std::int64_t connections;
  };
  constexpr std::array kSteps{Step{122880, 1000}, Step{61440, 800}, Step{30720, 600}, Step{15360, 500},
                              Step{7680, 400},    Step{6144, 200},  Step{0, 100}};
  const auto* found =
      std::ranges::find_if(kSteps, [&](const Step& s) { return *memory > s.above_mebibytes; });
  return found == kSteps.end() ? std::nullopt : std::optional{found->connections};
}

// 25 for each GiB up to 2, from there on 0.1049164697034809 for each MiB up to 5000, of which 15 are Azure's own.
// Source: Azure Database for PostgreSQL flexible server, "Limits", maximum connections.
std::optional<std::int64_t> azure_connections(std::string_view sku) {
  const auto memory = memory_of(kAzurePostgres, sku);
  if (!memory) return std::nullopt;
  const auto all = *memory <= 2048 ? *memory / 1024 * 25
                                   : std::min<std::int64_t>(*memory * 1049164697 / 10000000000, 5000);
  return all - 15;
}

}  // namespace

Size size_of(const Amounts& amounts, const std::string& storage) {
  return {.cores = std::max<std::int64_t>(1, rounded_up(milli(request(amounts, "cpu")), 1000)),
          .mebibytes = rounded_up(bytes(request(amounts, "memory")), kMi),
          .gibibytes = rounded_up(bytes(storage), 1024 * kMi)};
}

std::optional<std::string> gibibytes(std::int64_t size) {
  if (size <= 0) return std::nullopt;
  return std::to_string(size) + "Gi";
}

std::string rds_class(const Size& size) { return smallest(kRds, size); }
std::string elasticache_node(const Size& size) { return smallest(kElastiCache, size, /*by_cores=*/false); }
std::string azure_postgres_sku(const Size& size) { return smallest(kAzurePostgres, size); }
std::string azure_redis_sku(const Size& size) { return smallest(kAzureRedis, size, /*by_cores=*/false); }

// Source: Azure Cache for Redis, "Choosing the right tier".
bool is_azure_redis_sku(std::string_view sku) {
  if (sku.empty()) return false;
  const auto family = sku.substr(0, sku.size() - 1);
  const char capacity = sku.back();
  if (family == "Basic_C" || family == "Standard_C") return capacity >= '0' && capacity <= '6';
  return family == "Premium_P" && capacity >= '1' && capacity <= '5';
}

bool is_azure_burstable(std::string_view sku) { return sku.starts_with("Standard_B"); }

std::int64_t azure_disk(std::int64_t gibibytes) {
  const auto* found = std::ranges::lower_bound(kAzureDisks, gibibytes);
  return found == kAzureDisks.end() ? kAzureDisks.back() : *found;
}

// db-custom-<cores>-<MiB>: one core or an even number, 3.75 GiB at least, 0.9 to 6.5 GiB a core, in steps of
// 256 MiB. Source: Cloud SQL for PostgreSQL, "Instance settings", machine type.
std::string cloud_sql_tier(const Size& size) {
  const auto mebibytes = rounded_up(std::max<std::int64_t>(size.mebibytes, 3840), 256) * 256;
  std::int64_t cores = std::max(size.cores, rounded_up(mebibytes, 6656));
  if (cores > 1) cores += cores % 2;
  return "db-custom-" + std::to_string(cores) + "-" +
         std::to_string(std::max(mebibytes, rounded_up(cores * 922, 256) * 256));
}

std::string machine_of(const Effective::Database& database) {
  if (!database.asked) return "";
  auto size = size_of(database.resources, database.storage);
  const auto& asked = *database.asked;
  if (asked.ack && database.type == DatabaseType::kAck)
    return asked.ack->instance_class.value_or(rds_class(size));
  if (asked.config_connector && database.type == DatabaseType::kConfigConnector)
    return asked.config_connector->instance_tier.value_or(cloud_sql_tier(size));
  if (asked.azure_service_operator && database.type == DatabaseType::kAzureServiceOperator) {
    // A server with a standby cannot be Burstable: the smallest of the other sizes.
    if (database.high_availability) size.mebibytes = std::max<std::int64_t>(size.mebibytes, 8192);
    return asked.azure_service_operator->sku.value_or(azure_postgres_sku(size));
  }
  return "";
}

std::optional<std::int64_t> connections_by_machine(const Effective::Database& database) {
  const std::string machine = machine_of(database);
  if (database.type == DatabaseType::kAck) return rds_connections(machine);
  if (database.type == DatabaseType::kConfigConnector) return cloud_sql_connections(machine);
  if (database.type == DatabaseType::kAzureServiceOperator) return azure_connections(machine);
  return std::nullopt;
}

bool is_azure_number(std::int64_t connections) {
  return std::ranges::any_of(
      kAzurePostgres, [&](const Machine& each) { return azure_connections(each.name) == connections; });
}

}  // namespace promptsales::controllers::bindings
