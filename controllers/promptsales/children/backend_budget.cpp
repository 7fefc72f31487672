#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers {
namespace {

/// IntOrString: "1" is a number, "25%" a text.
Json int_or_percent(const std::string& text) {
  if (text.ends_with('%')) return text;
  return std::stoi(text);
}

// A drain must never empty the backend. Below two replicas any budget would block every drain for ever, so
// the right number of budgets is none. Pods that do not work may always go: they protect nobody.
std::optional<Object> desired(const Inputs& inputs) {
  if (inputs.effective.backend.min_replicas < 2) return std::nullopt;
  return Object{
      {"apiVersion", "policy/v1"},
      {"kind", "PodDisruptionBudget"},
      {"metadata", metadata_of(inputs.app, Component::kBackend, child_name(inputs.app, Component::kBackend))},
      {"spec",
       {{"maxUnavailable", int_or_percent(inputs.effective.max_unavailable)},
        {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
        {"selector", {{"matchLabels", selector_of(inputs.app, Component::kBackend)}}}}}};
}

}  // namespace

const Child children::backend_budget{.id = "backend_budget",
                                     .kind = k8s::kinds::kPodDisruptionBudget,
                                     .component = Component::kBackend,
                                     .desired = desired,
                                     .ready = ready_when_present};

}  // namespace promptsales::controllers
