#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace promptsales {

/// The parts between separators; empty parts are kept, so "a,,b" has three and "" has one.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Parts with `separator` between them.
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Percent-encoded for a URL path segment or query value: all but RFC 3986 unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The longest beginning of UTF-8 text that has at most `bytes` bytes and ends with a whole character: half
/// of one is no text, and JSON refuses it.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t bytes);

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// Nothing if `text` is not base64 with padding (line breaks are not accepted).
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace promptsales
