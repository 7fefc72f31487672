#pragma once

#include <string>
#include <string_view>

#include "backend/http/reply.hpp"
#include "backend/json/field_error.hpp"

namespace promptsales::backend {

/// An error reply as RFC 9457 `application/problem+json`. `kind` ends the type URI
/// "urn:promptsales:problem:<kind>" and is API: clients branch on it, so it is never reworded. `detail` is
/// one sentence for a person.
[[nodiscard]] Reply problem(unsigned status, std::string_view kind, std::string_view detail,
                            const FieldErrors& errors = {});

/// 422 with the path of every field that is wrong.
[[nodiscard]] Reply invalid_fields(const FieldErrors& errors);

/// 503 with Retry-After: the same request may succeed in a moment.
[[nodiscard]] Reply unavailable(std::string_view detail);

}  // namespace promptsales::backend
