#include "controllers/promptsales/volume.hpp"

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {

std::string claim_name(const PromptSales& app) {
  return "data-" + child_name(app, Component::kDatabase) + "-0";
}

std::optional<std::string> size_made_with(const Object& stateful_set) {
  const Json* claims = k8s::at_path(stateful_set, {"spec", "volumeClaimTemplates"});
  if (!claims || !claims->is_array() || claims->empty()) return std::nullopt;
  const std::string size = k8s::string_at(claims->front(), {"spec", "resources", "requests", "storage"});
  return size.empty() ? std::nullopt : std::optional{size};
}

Readiness volume_readiness(const Inputs& inputs, const Observed& observed) {
  const std::string name = claim_name(inputs.app);
  const Object* claim = observed.find(k8s::kinds::kPersistentVolumeClaim, name);
  const std::string capacity = claim ? k8s::string_at(*claim, {"status", "capacity", "storage"}) : "";
  const auto has = k8s::Quantity::parse(capacity);
  const auto wanted = k8s::Quantity::parse(inputs.effective.database.storage);
  if (!has || !wanted || *has >= *wanted) return {};
  return {Readiness::State::kFailed, "VolumeTooSmall",
          "the database serves, but its volume has " + capacity + " of the " + wanted->text() +
              " in the spec, and this version does not resize volumes; if the storage class allows it: "
              "kubectl -n " +
              inputs.app.key.namespace_ + " patch pvc " + name +
              R"( -p '{"spec":{"resources":{"requests":{"storage":")" + wanted->text() + R"("}}}}')"};
}

}  // namespace promptsales::controllers
