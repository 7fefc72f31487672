#pragma once

#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers {

/// Whose an object of a child's name is, for objects that the caches do not show. They hold what carries our
/// label, so that an object made by others, or a child whose label somebody took off, is met only when it is
/// written; the server then says whether that has made it.

/// True if the object was there before the PromptSales: marks of ours on it prove nothing, as an operator
/// that was killed after adding them to an object of somebody else leaves them there.
///
/// Not   exact to the minute: the times are those of two API servers, whose clocks may differ, and a child of
///       ours must never be taken for another's.
[[nodiscard]] bool is_older(const k8s::Json& object, const PromptSales& app);

/// True if the object is of a former PromptSales of the same name: the cluster is still collecting it.
[[nodiscard]] bool is_of_a_predecessor(const k8s::Json& object, const PromptSales& app);

/// True if an operator has reported on this resource before. Its children were made then, so that one that
/// the caches do not show is worth a look before it is written.
[[nodiscard]] bool was_reported_on(const PromptSales& app);

}  // namespace promptsales::controllers
