#pragma once

#include <optional>
#include <string_view>

namespace promptsales::backend {

/// Whether a path is an instance of a pattern such as "/v1/campaigns/{id}": segment by segment, where a
/// segment in braces takes any non-empty one. At most one segment is in braces.
///
/// Returns  what the braces took ("" for a pattern without any), still percent-encoded; nothing on a
/// mismatch.
[[nodiscard]] std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path);

}  // namespace promptsales::backend
