#include "controllers/promptsales/backend_settings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// The admin port is not among the ports: probes and Prometheus go to the pods.
std::optional<Object> desired(const Inputs& inputs) {
  const auto [name, container, service] = public_port(inputs);
  return Object{
      {"apiVersion", "v1"},
      {"kind", "Service"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"spec",
       {{"type", "ClusterIP"},
        {"selector", selector_of(inputs.app, Component::kBackend)},
        {"ports",
         Json::array({{{"name", name}, {"port", service}, {"protocol", "TCP"}, {"targetPort", name}}})}}}};
}

}  // namespace

const Child children::backend_service{.id = "backend_service",
                                      .kind = k8s::kinds::kService,
                                      .component = Component::kBackend,
                                      .desired = desired,
                                      .ready = ready_when_present};

}  // namespace promptsales::controllers
