#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// "backend", "database", "cache", "messaging", "tls", "migration", "task": in names and in the label
/// app.kubernetes.io/component.
[[nodiscard]] std::string_view text_of(Component component);

/// The component that the label of an object names; nothing if it has none of ours.
[[nodiscard]] std::optional<Component> component_of(const Object& object);

/// "demo-backend": the name of every child of a component.
[[nodiscard]] std::string child_name(const PromptSales& app, Component component);

/// What every child carries, so that people and the operator's own watches find it. The resource's own labels
/// are not copied: Argo CD would take the children for objects of its own.
[[nodiscard]] Json labels_of(const PromptSales& app, Component component);

/// The part of the labels that selectors use; it never changes, as selectors cannot.
[[nodiscard]] Json selector_of(const PromptSales& app, Component component);

/// Where an object without an owner is kept when the PromptSales goes.
enum class Ownership { kOwned, kRetained };

/// metadata of a child: name, namespace, labels and, unless it is retained, the owner reference by which the
/// cluster collects it.
[[nodiscard]] Json metadata_of(const PromptSales& app, Component component, const std::string& name,
                               Ownership ownership = Ownership::kOwned);

/// What restricted Pod Security asks of a container, and a root file system that cannot be written.
[[nodiscard]] Json container_security();

/// The same for a pod that runs as `user`; volumes belong to its group.
[[nodiscard]] Json pod_security(int user);

/// A probe that asks `path` of the container's port of this name, every `period` seconds; three seconds are
/// too long for an answer.
[[nodiscard]] Json http_probe(const char* port, const char* path, int period, int failures);

/// `resources` of a container.
[[nodiscard]] Json resources_of(const Amounts& amounts);

}  // namespace promptsales::controllers
