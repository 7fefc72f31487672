#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/child.hpp"
#include "operator/k8s/projection.hpp"

namespace promptsales::controllers {

/// Data whose service another one has taken the place of. It stays whatever deletionPolicy says, and a person is told
/// once: the mark on the object says so to the next pass, and to the next operator.

/// Label of such an object: the UID of the resource that has told of it.
inline constexpr const char* kLeftBy = "promptsales.io/left-by";

/// Whether this resource has still to tell that it does not use the object, which nobody owns, any more.
[[nodiscard]] bool is_untold(const PromptSales& app, const k8s::Projection& object);

/// The command that discards what an object of a provider holds. `resource` is its kind as kubectl takes it.
[[nodiscard]] std::string how_to_discard(const Child& data, const std::string& resource,
                                         const k8s::ObjectKey& key);

/// The command that discards a volume, and with it the Secret that opens it, if one is named.
[[nodiscard]] std::string discard_volume(const k8s::ObjectKey& claim, const std::string& secret);

/// The same for the volume of an embedded server that the resource does not run any more; nothing if it runs that
/// server, or `claim` is not its.
[[nodiscard]] std::optional<std::string> how_to_discard_volume(const Inputs& inputs,
                                                               const k8s::ObjectKey& claim);

}  // namespace promptsales::controllers
