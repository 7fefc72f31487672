#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "backend/json/field_error.hpp"
#include "backend/logic/cursor.hpp"

namespace promptsales::backend {

/// Which page of a list a client asks for.
struct PageQuery {
  int limit = 20;                     ///< 1 to 100
  std::optional<PagePosition> after;  ///< nothing: the first page
};

/// The query part of a URL ("limit=50&cursor=..."; may be empty) as a checked value, or its faults. Unknown
/// and repeated parameters are faults: a misspelt filter must not silently return everything.
[[nodiscard]] std::expected<PageQuery, FieldErrors> decode_page_query(std::string_view query, const Uuid& org,
                                                                      const CursorKeys& keys);

}  // namespace promptsales::backend
