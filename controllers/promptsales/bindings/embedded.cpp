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

}  // namespace

bool has_login_of_ours(const Inputs& inputs, Component component) {
  const auto& effective = inputs.effective;
  if (component == Component::kCache)
    return effective.cache.type == CacheType::kEmbedded || effective.cache.type == CacheType::kAck;
  using enum DatabaseType;
  const auto type = effective.database.type;
  if (type != kCloudNativePg) return type && *type != kSecret && *type != kServiceRef;
  const auto& asked = effective.database.asked;  // a Cluster of its own makes its login itself
  return asked && asked->cloud_native_pg && asked->cloud_native_pg->cluster_ref;
}

std::string login_name(const Inputs& inputs, Component component) {
  if (component == Component::kCache) return std::string{kCacheUser};
  if (component == Component::kMessaging) return std::string{kMessagingUser};
  if (inputs.effective.database.type != DatabaseType::kCloudNativePg) return std::string{kDatabaseUser};
  std::string name = inputs.app.key.name;  // a role in a server that others use too
  std::ranges::replace(name, '-', '_');
  return name;
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
    Component::kDatabase, "Embedded",
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_database(inputs); }};
const Provider providers::embedded_cache{
    Component::kCache, "Embedded",
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_cache(inputs); }};
const Provider providers::embedded_messaging{
    Component::kMessaging, "Embedded",
    [](const Inputs& inputs, Sources&) -> Result<Entries> { return bindings::embedded_messaging(inputs); }};

}  // namespace promptsales::controllers::bindings
