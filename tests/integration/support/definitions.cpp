#include "tests/integration/support/definitions.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

constexpr k8s::Kind kDefinition{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                "customresourcedefinitions", /*namespaced=*/false};

/// As the operator of that kind defines it, if that is at hand beside the kubeconfig of the fixture.
std::optional<k8s::Json> real_definition(const k8s::Kind& kind) {
  const char* kubeconfig = std::getenv("KUBECONFIG");
  const auto file = std::filesystem::path{kubeconfig ? kubeconfig : ""}.parent_path() / "definitions" /
                    (std::string{kind.group} + "_" + std::string{kind.plural} + ".yaml");
  const bool is_carried =
      kind.group == "cert-manager.io" || kind.group == "keda.sh";  // hack/tools/definitions
  if (is_carried && !std::filesystem::exists(file))
    throw std::runtime_error{file.string() + " is missing: hack/build-tools.sh definitions makes it"};
  if (!is_carried) return std::nullopt;
  return to_json(YAML::LoadFile(file));
}

k8s::Json anything() { return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}; }

/// The schema of a provider's kind, if we have written one.
k8s::Json schema_of(const k8s::Kind& kind) {
  static const k8s::Json kProviders = read_repository_yaml("tests/integration/crd/providers.yaml").at(0);
  const auto spec = kProviders.find(kind.resource());
  if (spec == kProviders.end()) return anything();
  return {
      {"type", "object"}, {"required", {"spec"}}, {"properties", {{"spec", *spec}, {"status", anything()}}}};
}

k8s::Json definition_of(const k8s::Kind& kind) {
  if (auto real = real_definition(kind)) return *std::move(real);
  std::string singular{kind.kind};
  for (char& c : singular) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return {{"apiVersion", kDefinition.api_version()},
          {"kind", kDefinition.kind},
          {"metadata", {{"name", kind.resource()}}},
          {"spec",
           {{"group", kind.group},
            {"scope", kind.namespaced ? "Namespaced" : "Cluster"},
            {"names", {{"kind", kind.kind}, {"plural", kind.plural}, {"singular", singular}}},
            {"versions", k8s::Json::array({{{"name", kind.version},
                                            {"served", true},
                                            {"storage", true},
                                            {"subresources", {{"status", k8s::Json::object()}}},
                                            {"schema", {{"openAPIV3Schema", schema_of(kind)}}}}})}}}};
}

}  // namespace

Definitions::Definitions(ApiServer& server, std::vector<k8s::Kind> kinds)
    : server_(server), kinds_(std::move(kinds)) {
  for (const auto& kind : kinds_) {
    const auto made = server.client().apply(kDefinition, definition_of(kind), {.manager = "test"});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
  }
  // Two controllers of the server see to it: its objects may be served before the list of kinds names it.
  for (const auto& kind : kinds_)
    EXPECT_TRUE(eventually([&] {
      const auto discovered = server.client().discover(kind.group, kind.version, kind.kind);
      return discovered && *discovered &&
             server.client().list(kind, {.ns = server.ns()}, {}, {}, [](auto) {}).has_value();
    })) << kind.resource();
}

Definitions::~Definitions() {
  for (const auto& kind : kinds_)
    server_.send({.method = "DELETE", .target = kDefinition.path("") + "/" + kind.resource()});
  // The server first removes its objects. Another test may define it again, which does nothing to one that is
  // on its way out.
  for (const auto& kind : kinds_)
    EXPECT_TRUE(eventually(
        [&] {
          const auto left = server_.client().get(kDefinition, {"", kind.resource()});
          return left && !*left;
        },
        std::chrono::seconds{60}))
        << kind.resource() << " was not removed: the next test cannot define it";
}

}  // namespace promptsales::testing
