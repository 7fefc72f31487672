#pragma once

#include <map>
#include <string>

#include "operator/k8s/object.hpp"

namespace promptsales::controllers::bindings {

/// Entries of a binding Secret: file name below /bindings/<name>/ → content.
using Entries = std::map<std::string, std::string>;

/// `data` of a Secret.
[[nodiscard]] k8s::Json secret_data(const Entries& entries);

/// The entries that a Secret holds; what is not base64 is left out.
[[nodiscard]] Entries entries_in(const k8s::Json& secret);

/// The entry, or empty text.
[[nodiscard]] std::string value_of(const Entries& entries, const std::string& name);

}  // namespace promptsales::controllers::bindings
