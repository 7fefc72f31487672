#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// With an address of its own: clients keep theirs when the pod is replaced.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.database) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kDatabase);
  return Object{{"apiVersion", "v1"},
                {"kind", "Service"},
                {"metadata", metadata_of(inputs.app, Component::kDatabase, name)},
                {"spec",
                 {{"type", "ClusterIP"},
                  {"selector", selector_of(inputs.app, Component::kDatabase)},
                  {"ports", Json::array({{{"name", "postgresql"},
                                          {"port", bindings::kDatabasePort},
                                          {"protocol", "TCP"},
                                          {"targetPort", "postgresql"}}})}}}};
}

}  // namespace

const Child children::database_service{.id = "database_service",
                                  .kind = k8s::kinds::kService,
                                  .component = Component::kDatabase,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
