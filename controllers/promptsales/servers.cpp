#include "controllers/promptsales/servers.hpp"

#include <algorithm>

namespace promptsales::controllers {

bool is_made_here(const Effective::Database& database) {
  return database.type == DatabaseType::kEmbedded ||
         (database.type == DatabaseType::kCloudNativePg && !named_cluster(database));
}

std::optional<std::string> named_cluster(const Effective::Database& database) {
  if (database.type != DatabaseType::kCloudNativePg) return std::nullopt;
  const auto& asked = database.asked;
  if (!asked || !asked->cloud_native_pg || !asked->cloud_native_pg->cluster_ref) return std::nullopt;
  return asked->cloud_native_pg->cluster_ref->name;
}

std::int64_t database_servers(const Effective::Database& database) {
  return 1 + std::max<std::int64_t>(database.high_availability ? 1 : 0, database.read_replicas);
}

std::vector<Servers> servers_in_the_cluster(const Effective& effective) {
  std::vector<Servers> all;
  if (const auto& database = effective.database; is_made_here(database))
    all.push_back({database_servers(database), database.resources, database.storage});
  if (effective.cache.type == CacheType::kEmbedded) all.push_back({1, effective.cache.resources, ""});
  if (const auto& messaging = effective.messaging; messaging.type == MessagingType::kEmbedded)
    all.push_back({1, messaging.resources, messaging.storage});
  return all;
}

}  // namespace promptsales::controllers
