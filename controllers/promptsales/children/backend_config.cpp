#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {

PublicPort public_port(const Inputs& inputs) {
  return inputs.tls ? PublicPort{"https", 8443, 443} : PublicPort{"http", 8080, 80};
}

std::string public_url(const Inputs& inputs) {
  return std::string{public_port(inputs).name} + "://" + child_name(inputs.app, Component::kBackend) + "." +
         inputs.app.key.namespace_ + ".svc";
}

std::map<std::string, std::string> backend_settings(const Inputs& inputs) {
  std::map<std::string, std::string> settings{
      {"PROMPTSALES_BINDING_RELOAD", inputs.effective.follow_bindings ? "true" : "false"},
      {"PROMPTSALES_HTTP_PORT", std::to_string(public_port(inputs).container)},
      {"PROMPTSALES_ADMIN_PORT", std::to_string(kAdminPort)},
      {"PROMPTSALES_DB_POOL_SIZE", std::to_string(inputs.effective.database.pool_size)},
      {"PROMPTSALES_MIGRATIONS", "job"},
      {"PROMPTSALES_DRAIN_SECONDS", std::to_string(kDrainSeconds)},
      {"PROMPTSALES_LOG_LEVEL", "info"}};
  if (inputs.tls) settings["PROMPTSALES_TLS_DIR"] = kTlsFolder;
  return settings;
}

namespace {

std::optional<Object> desired(const Inputs& inputs) {
  return Object{
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"data", backend_settings(inputs)}};
}

}  // namespace

const Child children::backend_config{.id = "backend_config",
                                     .kind = k8s::kinds::kConfigMap,
                                     .component = Component::kBackend,
                                     .desired = desired,
                                     .ready = ready_when_present};

}  // namespace promptsales::controllers
