#pragma once

#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers {

/// Whose an object of a child's name is, for objects that the caches do not show. They hold what carries our
/// label, so that an object made by others, or a child whose label somebody took off, is met only when it is
/// written.
///
/// A child cannot be older than its owner, and no mark on an object that could be older is proof: an operator
/// that was killed after adding its own marks to an object of somebody else leaves them there.

/// True if the object was there before the PromptSales.
[[nodiscard]] bool is_older(const k8s::Json& object, const PromptSales& app);

/// True unless the answer to an apply of ours shows an object that this apply has made: it has no other
/// author, and no field of ours is younger than the object. Times are the server's own.
[[nodiscard]] bool existed_before(const k8s::Json& answer, const PromptSales& app);

/// True if an operator has reported on this resource before. Its children were made then, so that one that
/// the caches do not show is worth a look before it is written.
[[nodiscard]] bool was_reported_on(const PromptSales& app);

}  // namespace promptsales::controllers
