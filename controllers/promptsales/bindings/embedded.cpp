#include "controllers/promptsales/bindings/embedded.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "controllers/promptsales/bindings/provider.hpp"
#include "controllers/promptsales/bindings/services.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers::bindings {
namespace {

/// Without the cluster's own domain, which is not the same everywhere: pods complete it by their search list.
std::string host_of(const Inputs& inputs, Component component) {
  return child_name(inputs.app, component) + "." + inputs.app.key.namespace_ + ".svc";
}

/// A Cluster that is there, and that others may use.
bool is_in_shared_cluster(const Inputs& inputs) {
  const auto& database = inputs.effective.database;
  return database.type == DatabaseType::kCloudNativePg && database.asked && database.asked->cloud_native_pg &&
         database.asked->cloud_native_pg->cluster_ref;
}

/// The login of that name, or one that has followed it when its password was replaced (rotation.hpp).
bool is_ours(const std::string& user, const Inputs& inputs, Component component) {
  const std::string name = login_name(inputs, component);
  if (component == Component::kCache && inputs.effective.cache.type != CacheType::kEmbedded)
    return user == name;  // nobody replaces it
  const std::string owner = component == Component::kDatabase ? name : std::string{kDatabaseUser};
  return user == name || user == owner + "_a" || user == owner + "_b";
}

}  // namespace

bool has_login_of_ours(const Inputs& inputs, Component component) {
  const auto& effective = inputs.effective;
  if (component == Component::kCache)
    return effective.cache.type == CacheType::kEmbedded || effective.cache.type == CacheType::kAck;
  using enum DatabaseType;
  const auto type = effective.database.type;
  if (type != kCloudNativePg) return type && *type != kSecret && *type != kServiceRef;
  return is_in_shared_cluster(inputs);  // a Cluster of its own makes its login itself
}

std::string login_name(const Inputs& inputs, Component component) {
  if (component == Component::kCache) return std::string{kCacheUser};
  if (component == Component::kMessaging) return std::string{kMessagingUser};
  if (!is_in_shared_cluster(inputs)) return std::string{kDatabaseUser};
  // The Cluster is in the same namespace, so the resource's name is unique there.
  std::string name = std::string{kDatabaseUser} + "_" + inputs.app.key.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string login_secret(const Inputs& inputs, Component component) {
  const bool shared = component == Component::kDatabase && is_in_shared_cluster(inputs);
  return child_name(inputs.app, component) + (shared ? "-role" : "");
}

Credentials login_from(Credentials kept, const Inputs& inputs, Component component) {
  if (!is_ours(kept.username, inputs, component)) kept.username = login_name(inputs, component);
  return kept;
}

bool holds_login_of_ours(const Entries& binding, const Inputs& inputs, Component component) {
  const Provider* provider = provider_of(inputs, component);
  return provider && !provider->name.empty() && value_of(binding, "provider") == provider->name &&
         is_ours(value_of(binding, "username"), inputs, component);
}

Entries embedded_database(const Inputs& inputs) {
  PS_CHECK(inputs.database);
  const auto& [user, password] = *inputs.database;
  return entries_of(Postgres{.provider = std::string{kEmbedded},
                             .host = host_of(inputs, Component::kDatabase),
                             .port = std::to_string(kDatabasePort),
                             .username = user,
                             .password = password,
                             .database = std::string{kDatabaseName},
                             .sslmode = "disable"});
}

Entries embedded_cache(const Inputs& inputs) {
  PS_CHECK(inputs.cache);
  const auto& [user, password] = *inputs.cache;
  return entries_of(Redis{.provider = std::string{kEmbedded},
                          .host = host_of(inputs, Component::kCache),
                          .port = std::to_string(kCachePort),
                          .username = user,
                          .password = password});
}

Entries embedded_messaging(const Inputs& inputs) {
  PS_CHECK(inputs.messaging);
  const auto& [user, password] = *inputs.messaging;
  return entries_of(Nats{.provider = std::string{kEmbedded},
                         .host = host_of(inputs, Component::kMessaging),
                         .port = std::to_string(kMessagingPort),
                         .username = user,
                         .password = password});
}

const Provider providers::embedded_database{
    Component::kDatabase, "Embedded", kEmbedded,
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_database(inputs); }};
const Provider providers::embedded_cache{
    Component::kCache, "Embedded", kEmbedded,
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_cache(inputs); }};
const Provider providers::embedded_messaging{
    Component::kMessaging, "Embedded", kEmbedded,
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_messaging(inputs); }};

}  // namespace promptsales::controllers::bindings
