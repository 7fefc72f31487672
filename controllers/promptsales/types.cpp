#include "controllers/promptsales/types.hpp"

#include "controllers/promptsales/codec.hpp"

namespace promptsales::controllers {

namespace {

std::map<std::string, std::string> our_annotations(const k8s::Json& object) {
  std::map<std::string, std::string> ours;
  if (const auto* all = k8s::at_path(object, {"metadata", "annotations"}); all && all->is_object())
    for (const auto& [name, value] : all->items())
      if (name.starts_with("promptsales.io/") && value.is_string()) ours.emplace(name, value);
  return ours;
}

}  // namespace

Result<PromptSales> from_object(const k8s::Json& object) {
  if (!object.is_object()) return detail::wrong_type("the document", "an object", object);
  const auto spec = object.find("spec");
  if (spec == object.end()) return detail::missing("spec");

  auto decoded = decode<Spec>(*spec, "spec");
  if (!decoded) return Failure{decoded.error()};

  PromptSales app;
  app.key = k8s::key_of(object);
  if (app.key.name.empty()) return detail::missing("metadata.name");
  app.uid = k8s::string_at(object, {"metadata", "uid"});
  app.resource_version = k8s::string_at(object, {"metadata", "resourceVersion"});
  app.generation = k8s::integer_at(object, {"metadata", "generation"});
  app.deleting = !k8s::string_at(object, {"metadata", "deletionTimestamp"}).empty();
  app.created = k8s::string_at(object, {"metadata", "creationTimestamp"});
  app.annotations = our_annotations(object);
  app.spec = *std::move(decoded);
  if (const auto status = object.find("status"); status != object.end()) app.status = *status;
  return app;
}

}  // namespace promptsales::controllers
