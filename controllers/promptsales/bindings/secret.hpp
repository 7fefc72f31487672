#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controllers/promptsales/bindings/provider.hpp"
#include "controllers/promptsales/bindings/services.hpp"

namespace promptsales::controllers::bindings {

/// Reads connections from Secrets that others made, in whatever spelling they have: servicebinding.io,
/// CloudNativePG, Crunchy, Zalando, or the keys that the spec names.

/// A Secret of somebody's, and how its keys are called.
struct NamedSecret {
  std::string name;  ///< for messages
  std::string ns;    ///< of the resource
  Entries content;
  std::map<std::string, std::string> keys{};  ///< entry → key, as the spec says; before every alias
  Entries bound{};                            ///< what pods have of the component so far; empty: nothing
};

/// The Secret, or why it cannot be used.
///
/// Errors   SecretMissing.
[[nodiscard]] Result<NamedSecret> read_secret(Sources& sources, const Inputs& inputs, const std::string& name,
                                              const std::map<std::string, std::string>& keys = {});

/// The connection that it holds: entries one by one, and what is not there from its `uri`. `provider` goes
/// into the entry of that name unless the Secret has one.
///
/// Errors   KeyMissing, naming the key and the spellings that were tried; BindingInvalid for a value that
///          cannot be used, and for a service that the backend does not speak to, unless pods are bound to that
///          host already: an older operator has taken it, and its next password must reach them. No value is ever
///          quoted.
[[nodiscard]] Result<Postgres> postgres_in(const NamedSecret& secret, std::string_view provider);
[[nodiscard]] Result<Redis> redis_in(const NamedSecret& secret, std::string_view provider);
[[nodiscard]] Result<Nats> nats_in(const NamedSecret& secret, std::string_view provider);

/// What the Secret of a component holds and the backend does not use, one sentence; empty if there is nothing, or the
/// Secret cannot be used at all. No value is ever quoted.
[[nodiscard]] std::string ignored_in(const NamedSecret& secret, Component component);

/// The same as entries, checked; what is ignored is noted with the sources.
[[nodiscard]] Result<Entries> entries_in(NamedSecret secret, Component component, std::string_view provider,
                                         Sources& sources);

/// The entries that `keys` of a secretRef may name, in order of their names.
[[nodiscard]] std::vector<std::string_view> known_keys(Component component);

}  // namespace promptsales::controllers::bindings
