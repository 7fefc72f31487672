#include "tests/integration/support/definitions.hpp"

#include <gtest/gtest.h>

namespace promptsales::testing {
namespace {

constexpr k8s::Kind kDefinition{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                "customresourcedefinitions", /*namespaced=*/false};

k8s::Json definition_of(const k8s::Kind& kind, const std::string& name) {
  std::string singular{kind.kind};
  for (char& c : singular) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return {
      {"apiVersion", kDefinition.api_version()},
      {"kind", kDefinition.kind},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"group", kind.group},
        {"scope", kind.namespaced ? "Namespaced" : "Cluster"},
        {"names", {{"kind", kind.kind}, {"plural", kind.plural}, {"singular", singular}}},
        {"versions",
         k8s::Json::array({{{"name", kind.version},
                            {"served", true},
                            {"storage", true},
                            {"subresources", {{"status", k8s::Json::object()}}},
                            {"schema",
                             {{"openAPIV3Schema",
                               {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}}}}})}}}};
}

}  // namespace

Definition::Definition(ApiServer& server, const k8s::Kind& kind) : server_(server), name_(kind.resource()) {
  const auto made = server.client().apply(kDefinition, definition_of(kind, name_), {.manager = "test"});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  // Two controllers of the server see to it: its objects may be served before the list of kinds names it.
  EXPECT_TRUE(eventually([&] {
    const auto discovered = server.client().discover(kind.group, kind.version, kind.kind);
    return discovered && *discovered &&
           server.client().list(kind, {.ns = server.ns()}, {}, {}, [](auto) {}).has_value();
  })) << name_;
}

Definition::~Definition() {
  server_.send({.method = "DELETE", .target = kDefinition.path("") + "/" + name_});
  // Another test may define it again, which does nothing to one that is on its way out.
  (void)eventually([&] {
    const auto left = server_.client().get(kDefinition, {"", name_});
    return left && !*left;
  });
}

}  // namespace promptsales::testing
