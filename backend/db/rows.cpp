#include "backend/db/rows.hpp"

#include <algorithm>

#include "backend/db/binary.hpp"
#include "base/check.hpp"

namespace promptsales::backend {

std::string_view Rows::text(int row, int column) const {
  PS_CHECK(row < size() && !is_null(row, column));
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int32_t Rows::int32(int row, int column) const {
  const auto value = read_int32(text(row, column));
  PS_CHECK(value);
  return *value;
}

std::int64_t Rows::int64(int row, int column) const {
  const auto value = read_int64(text(row, column));
  PS_CHECK(value);
  return *value;
}

Uuid Rows::uuid(int row, int column) const {
  const auto bytes = text(row, column);
  Uuid id;
  PS_CHECK(bytes.size() == id.bytes.size());
  std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

Timestamp Rows::time(int row, int column) const { return from_pg_time(int64(row, column)); }

std::vector<std::string> Rows::texts(int row, int column) const {
  auto items = read_text_array(text(row, column));
  PS_CHECK(items);
  return std::move(*items);
}

}  // namespace promptsales::backend
