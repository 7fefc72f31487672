#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::bindings {

/// What a provider may read, in the resource's own namespace. Whoever implements it keeps track of what was
/// read: a change of it brings the resource back.
class Sources {
 public:
  virtual ~Sources() = default;

  /// What a Secret holds, decoded; nothing if there is none.
  [[nodiscard]] virtual Result<std::optional<Entries>> secret(const std::string& name) = 0;
  /// The object as far as it is kept; nothing if there is none. `kind` is one of optional_kinds.hpp or came
  /// from kind_named().
  [[nodiscard]] virtual Result<std::optional<Object>> object(const k8s::Kind& kind,
                                                             const std::string& name) = 0;
  /// A kind that a user names. Errors: ProviderAPIMissing.
  [[nodiscard]] virtual Result<const k8s::Kind*> kind_named(const std::string& api_version,
                                                            const std::string& kind) = 0;
  /// What pods have of the component so far; nothing before it is bound for the first time.
  [[nodiscard]] virtual std::optional<Entries> bound(Component component) = 0;
  /// Takes note of what is there and is not used, although the rest can be. One sentence for a person.
  virtual void ignore(Component component, const std::string& what) = 0;
};

/// One way to come by a service.
struct Provider {
  Component component;
  std::string_view type;  ///< as spec.<component>.type spells it
  std::string_view name;  ///< the entry `provider` of its bindings; empty: whatever the user's Secret says
  /// The connection as it is now, a function of the inputs and of what the sources hold. Changes nothing.
  ///
  /// Errors   Provisioning while time is enough; else what is missing or wrong, with who must do what. Of
  ///          kWaitForChange a change of what was read is the end; kWaitForSpecChange: only an edit of the
  ///          spec helps.
  Result<Entries> (*resolve)(const Inputs& inputs, Sources& sources);
};

/// A failure that time alone will end.
inline constexpr std::string_view kProvisioning = "Provisioning";

/// Every provider of providers.def.
[[nodiscard]] std::span<const Provider* const> all_providers();

/// The one that the effective settings ask for; nullptr if the component is not wanted.
[[nodiscard]] const Provider* provider_of(const Inputs& inputs, Component component);

namespace providers {
#define PROVIDER(name) extern const Provider name;
#include "controllers/promptsales/bindings/providers.def"
#undef PROVIDER
}  // namespace providers

}  // namespace promptsales::controllers::bindings
