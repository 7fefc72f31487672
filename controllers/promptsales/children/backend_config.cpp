#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {

std::map<std::string, std::string> backend_settings(const Inputs& inputs) {
  return {{"PROMPTSALES_HTTP_PORT", std::to_string(kHttpPort)},
          {"PROMPTSALES_ADMIN_PORT", std::to_string(kAdminPort)},
          {"PROMPTSALES_DB_POOL_SIZE", std::to_string(inputs.effective.database.pool_size)},
          {"PROMPTSALES_DRAIN_SECONDS", std::to_string(kDrainSeconds)},
          {"PROMPTSALES_LOG_LEVEL", "info"}};
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
