#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

// The only thing that pods mount, whoever provides the database: a Secret in the form of the Service Binding
// specification. Tools that restart pods when a Secret changes must leave it alone: the operator does that itself.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.database) return std::nullopt;
  const std::string name = child_name(inputs.app, Component::kDatabase) + "-binding";
  Json metadata = metadata_of(inputs.app, Component::kDatabase, name);
  metadata["annotations"]["reloader.stakater.com/ignore"] = "true";
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "servicebinding.io/postgresql"},
                {"data", bindings::secret_data(bindings::embedded_database(inputs))}};
}

}  // namespace

const Child children::database_binding{.id = "database_binding",
                                  .kind = k8s::kinds::kSecret,
                                  .component = Component::kDatabase,
                                  .desired = desired,
                                  .ready = ready_when_present};

}  // namespace promptsales::controllers
