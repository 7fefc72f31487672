#include "backend/admin/readiness.hpp"

#include <vector>

#include "backend/json/writer.hpp"
#include "backend/logic/timestamp.hpp"

namespace promptsales::backend {
namespace {

bool database_usable(const ServiceHealth::Snapshot& database, Clock::Instant now) {
  return database.loops_without == 0 || (database.lost_at && now - *database.lost_at < kDatabaseGrace);
}

void write_service(JsonWriter& json, std::string_view name, const ServiceHealth::Snapshot& service,
                   const std::string& changed_binding_error) {
  json.key(name).begin_object();
  json.key("reachable").boolean(service.loops_without == 0);
  json.key("connections").number(service.connections);
  if (service.loops_without > 0 && !service.last_error.empty()) {
    json.key("error").string(service.last_error);
    if (!service.cause.empty()) json.key("cause").string(service.cause);
  }
  if (!service.login_refused.empty()) json.key("login_refused").string(service.login_refused);
  if (!changed_binding_error.empty()) json.key("changed_binding_error").string(changed_binding_error);
  json.end_object();
}

void write_unbound(JsonWriter& json, std::string_view name) {
  json.key(name).begin_object().key("bound").boolean(false).end_object();
}

std::string error_of(const Guarded<BindingHealth>& binding) {
  return binding.with([](const BindingHealth& state) { return state.error; });
}

void write_schema(JsonWriter& json, const Health& health) {
  const auto error = health.migration_error.with([](const std::string& text) { return text; });
  json.key("schema").begin_object().key("migrated").boolean(health.migrated);
  if (!health.migrated && !error.empty()) json.key("error").string(error);
  json.end_object();
}

void write_tls(JsonWriter& json, const TlsHealth& tls) {
  const auto until = std::chrono::floor<std::chrono::microseconds>(*tls.not_after);
  json.key("tls").begin_object().key("not_after").string(to_string(until));
  if (!tls.error.empty()) json.key("error").string(tls.error);
  json.end_object();
}

}  // namespace

Readiness assess(const Health& health, Bound bound, Clock::Instant now) {
  const auto database = health.database.snapshot();
  std::vector<std::string_view> missing;
  if (health.draining) missing.push_back("draining: this process is about to end");
  if (!database_usable(database, now)) missing.push_back("database: not reachable");
  if (!health.migrated) missing.push_back("schema: not up to date yet");

  Readiness readiness{.ready = missing.empty(), .body = {}};
  JsonWriter json{readiness.body};
  json.begin_object().key("ready").boolean(readiness.ready).key("missing").begin_array();
  for (const auto what : missing) json.string(what);
  json.end_array();
  write_service(json, "database", database, error_of(health.database_binding));
  write_schema(json, health);
  bound.cache ? write_service(json, "cache", health.cache.snapshot(), error_of(health.cache_binding))
              : write_unbound(json, "cache");
  bound.messaging ? write_service(json, "messaging", health.messaging.snapshot(), "")
                  : write_unbound(json, "messaging");
  const auto tls = health.tls.with([](const TlsHealth& state) { return state; });
  if (tls.not_after) write_tls(json, tls);
  json.end_object();
  return readiness;
}

}  // namespace promptsales::backend
