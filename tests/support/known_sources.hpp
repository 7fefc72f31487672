#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "controllers/promptsales/bindings/provider.hpp"
#include "operator/k8s/discovery.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {

/// Sources that hold what a test puts into them.
class KnownSources final : public controllers::bindings::Sources {
 public:
  using Entries = controllers::bindings::Entries;

  KnownSources& with_secret(const std::string& name, Entries content) {
    secrets_[name] = std::move(content);
    return *this;
  }
  /// An object in YAML; its kind is served from now on.
  KnownSources& with_object(const std::string& yaml) {
    const auto object = from_yaml(yaml);
    const std::string kind = k8s::string_at(object, {"kind"});
    serve(k8s::string_at(object, {"apiVersion"}), kind);
    objects_[{kind, k8s::string_at(object, {"metadata", "name"})}] = object;
    return *this;
  }
  KnownSources& serve(const std::string& api_version, const std::string& kind, bool namespaced = true) {
    const auto slash = api_version.find('/');
    auto& served = kinds_[{api_version, kind}];
    if (served) return *this;
    served = std::make_unique<Served>();
    served->names = {api_version.substr(0, slash), api_version.substr(slash + 1), kind, kind + "s",
                     namespaced};
    served->kind.emplace(served->names.view());
    return *this;
  }
  /// Objects of this kind cannot be read, for this reason.
  KnownSources& refuse(std::string kind, Error error) {
    refused_.emplace(std::move(kind), std::move(error));
    return *this;
  }

  [[nodiscard]] Result<std::optional<Entries>> secret(const std::string& name) override {
    const auto found = secrets_.find(name);
    if (found == secrets_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] Result<std::optional<k8s::Object>> object(const k8s::Kind& kind,
                                                          const std::string& name) override {
    if (const auto error = refused_.find(std::string{kind.kind}); error != refused_.end())
      return Failure{error->second};
    const auto found = objects_.find({std::string{kind.kind}, name});
    if (found == objects_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] Result<const k8s::Kind*> kind_named(const std::string& api_version,
                                                    const std::string& kind) override {
    const auto found = kinds_.find({api_version, kind});
    if (found == kinds_.end())
      return failure(Remedy::kWaitForChange, "ProviderAPIMissing", kind + " is not served");
    return &*found->second->kind;
  }
  [[nodiscard]] std::optional<Entries> bound(controllers::Component) override { return bound_; }
  void ignore(controllers::Component, const std::string& what) override { ignored += what; }

  /// Pods have these entries.
  KnownSources& with_binding(Entries entries) {
    bound_ = std::move(entries);
    return *this;
  }

  std::string ignored;  ///< sentences that were noted

 private:
  struct Served {
    k8s::ServedKind names;
    std::optional<k8s::Kind> kind;
  };
  std::map<std::string, Entries> secrets_;
  std::map<std::pair<std::string, std::string>, k8s::Object> objects_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Served>> kinds_;
  std::map<std::string, Error> refused_;
  std::optional<Entries> bound_;
};

}  // namespace promptsales::testing
