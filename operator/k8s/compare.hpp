#pragma once

#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// Whether `live` already is what applying `intent` would make of it: every field of the intent is there with
/// the same value. What else is in `live` belongs to the server (defaults) or to somebody else, and is passed
/// over, as server-side apply does.
///
/// Lists    entries are matched in any order. Further entries are passed over only in lists that others may
///          add to (containers, volumes, env …); in all other lists an entry too many is a difference, such
///          as a rule that somebody added to a NetworkPolicy.
/// Whole    selectors and the rules of a NetworkPolicy are equal or they differ: the API replaces them as
///          one, and what is added inside changes who is meant.
/// Empty    an empty map or list of the intent equals an absent one: the server does not store it.
/// Not      aware of quantities or durations: the intent must be in the server's own spelling.
[[nodiscard]] bool covers(const Json& live, const Json& intent);

}  // namespace promptsales::k8s
