#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/effective.hpp"

namespace promptsales::controllers::bindings {

/// The machines on which providers run databases and caches: which one is asked for, and what a database on it accepts.

/// What is asked of a server.
struct Size {
  std::int64_t cores = 1;  ///< rounded up
  std::int64_t mebibytes = 0;
  std::int64_t gibibytes = 0;  ///< of storage, rounded up; 0 for none
};
[[nodiscard]] Size size_of(const Amounts& amounts, const std::string& storage);

/// "20Gi", as a quantity; nothing for 0.
[[nodiscard]] std::optional<std::string> gibibytes(std::int64_t size);

/// The smallest machine of each provider's list that has it; the largest if none has.
[[nodiscard]] std::string rds_class(const Size& size);
[[nodiscard]] std::string elasticache_node(const Size& size);
[[nodiscard]] std::string cloud_sql_tier(const Size& size);
[[nodiscard]] std::string azure_postgres_sku(const Size& size);
[[nodiscard]] std::string azure_redis_sku(const Size& size);

/// The tier of Memorystore in which a cache has a standby in another zone; it cannot be changed afterwards.
inline constexpr std::string_view kMemorystoreWithStandby = "STANDARD_HA";
inline constexpr std::string_view kMemorystoreAlone = "BASIC";

/// Whether Azure Cache for Redis comes in this size: Standard_C2.
[[nodiscard]] bool is_azure_redis_sku(std::string_view sku);

/// Whether Azure sells this size of a PostgreSQL server by credits of its processor: there is no standby of such a one.
[[nodiscard]] bool is_azure_burstable(std::string_view sku);

/// The smallest of the disks that Azure has for PostgreSQL that holds this many GiB; the largest if none does.
[[nodiscard]] std::int64_t azure_disk(std::int64_t gibibytes);

/// The machine that a database of RDS, Cloud SQL or Azure is asked for on: the one that the spec names, else the
/// smallest that has what the resources say. Empty for every other type.
[[nodiscard]] std::string machine_of(const Effective::Database& database);

/// How many connections PostgreSQL accepts there from others than its provider, where nobody has set a number: what
/// the provider's documents say. Nothing for a machine that they, or we, do not know, and for every other type.
[[nodiscard]] std::optional<std::int64_t> connections_by_machine(const Effective::Database& database);

/// Whether some Azure machine of our list accepts just so many.
[[nodiscard]] bool is_azure_number(std::int64_t connections);

}  // namespace promptsales::controllers::bindings
