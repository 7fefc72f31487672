#include "controllers/promptsales/effective.hpp"

#include <utility>

namespace promptsales::controllers {
namespace {

using k8s::Json;

Json to_json(const Amounts& amounts) {
  Json json = Json::object();
  if (!amounts.requests.empty()) json["requests"] = amounts.requests;
  if (!amounts.limits.empty()) json["limits"] = amounts.limits;
  return json;
}

Json to_json(const Effective::Backend& backend) {
  Json scaling{{"type", text_of(backend.autoscaling)},
               {"minReplicas", backend.min_replicas},
               {"maxReplicas", backend.max_replicas}};
  if (backend.autoscaling != AutoscalingType::kNone) {
    scaling["targetCPUUtilization"] = backend.target_cpu_utilization;
    scaling["scaleDownWindowSeconds"] = backend.scale_down_window_seconds;
  }
  return {{"autoscaling", std::move(scaling)}, {"resources", to_json(backend.resources)}};
}

std::string_view enabled(bool is) {
  return text_of(is ? HighAvailability::kEnabled : HighAvailability::kDisabled);
}

Json to_json(const Effective::Database& database) {
  Json json{{"poolSize", database.pool_size}};
  if (database.type) json["type"] = text_of(*database.type);
  if (database.max_connections) json["maxConnections"] = database.max_connections;
  if (database.storage.empty()) return json;  // others run it, and nobody said how large it is
  json["resources"] = to_json(database.resources);
  json["storage"] = database.storage;
  if (database.storage_class_name) json["storageClassName"] = *database.storage_class_name;
  if (database.type == DatabaseType::kEmbedded) return json;
  json["highAvailability"] = enabled(database.high_availability);
  json["readReplicas"] = database.read_replicas;
  return json;
}

Json to_json(const Effective::Cache& cache) {
  Json json = Json::object();
  if (cache.type) json["type"] = text_of(*cache.type);
  if (cache.resources.requests.empty()) return json;  // as of the database
  json["resources"] = to_json(cache.resources);
  if (cache.type != CacheType::kEmbedded) json["highAvailability"] = enabled(cache.high_availability);
  return json;
}

Json to_json(const Effective::Messaging& messaging) {
  Json json{{"type", text_of(messaging.type)}};
  if (messaging.type != MessagingType::kEmbedded) return json;
  json["resources"] = to_json(messaging.resources);
  json["storage"] = messaging.storage;
  if (messaging.storage_class_name) json["storageClassName"] = *messaging.storage_class_name;
  return json;
}

}  // namespace

Json to_status(const Effective& effective) {
  return {{"tier", text_of(effective.tier)},
          {"backend", to_json(effective.backend)},
          {"database", to_json(effective.database)},
          {"cache", to_json(effective.cache)},
          {"messaging", to_json(effective.messaging)},
          {"tls", {{"type", text_of(effective.tls)}}},
          {"networkPolicy", {{"enabled", effective.network_policy}}},
          {"spread",
           {{"topologyKey", effective.spread.topology_key},
            {"whenUnsatisfiable", effective.spread.when_unsatisfiable}}},
          {"disruptionBudget", {{"maxUnavailable", effective.max_unavailable}}},
          {"availabilityObjective", effective.availability_objective}};
}

}  // namespace promptsales::controllers
