#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/bindings/provider.hpp"

namespace promptsales::controllers::bindings {

/// What services that others run for us have in common: objects through which they are asked for, and
/// conditions in which they answer. Their machines are in machines.hpp.

inline constexpr std::string_view kManagedDatabase = "promptsales";  ///< database and role, as when embedded

/// An object of a provider: kept when the PromptSales goes, unless the policy says otherwise. REQUIRES a
/// database or cache block in the spec.
[[nodiscard]] Object managed_object(const Inputs& inputs, Component component, const k8s::Kind& kind,
                                    const std::string& name, bool with_the_resource);

/// Whether the data goes with the resource: spec.<component>.deletionPolicy is Delete, or Snapshot of those that have it.
[[nodiscard]] bool is_deleted_with(const Inputs& inputs, Component component);

/// A name for accounts and projects, which know no namespaces: "shop-demo-database-1f0c9a42", at most 58
/// characters: a letter first, and never two hyphens in a row, which ElastiCache, RDS and Azure Redis refuse. Two
/// resources of a cluster never have the same; clusters that share an account do, for the same
/// namespace and name.
[[nodiscard]] std::string cloud_name(const Inputs& inputs, Component component);
/// The same where fewer characters are allowed. REQUIRES: most > 9
[[nodiscard]] std::string short_cloud_name(const Inputs& inputs, Component component, std::size_t most);

/// True if the provider has looked at the newest spec, where it says what it has looked at.
[[nodiscard]] bool is_observed(const Object& object);

/// Whether the object says that its server has a standby; nothing if it does not say it.
[[nodiscard]] std::optional<bool> said_at(const Object& object, std::initializer_list<std::string_view> path,
                                          const Json& with_standby);

/// Readiness from the provider's own words.
[[nodiscard]] Readiness provisioning(const std::string& what, const std::string& words);
[[nodiscard]] Readiness failing(const std::string& what, const std::string& words);
[[nodiscard]] Readiness refused(const std::string& what, const std::string& words);  ///< only an edit helps

/// The failure of a provider's resolve() while the object is not there or says nothing yet.
[[nodiscard]] Failure not_yet(const std::string& what);
/// The same while the object has no address: what its readiness says, or that time is enough.
[[nodiscard]] Failure no_address(const Readiness& readiness, const std::string& what);

}  // namespace promptsales::controllers::bindings
