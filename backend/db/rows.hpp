#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/logic/timestamp.hpp"
#include "backend/logic/uuid.hpp"

namespace promptsales::backend {

struct PgResultDeleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgResultPtr = std::unique_ptr<PGresult, PgResultDeleter>;

/// The rows that a statement gave. Columns are read by place, in binary; asking for another type than the
/// statement selects, or for the value of a null, is a broken invariant.
class Rows {
 public:
  explicit Rows(PgResultPtr result) : result_(std::move(result)) {}

  [[nodiscard]] int size() const { return PQntuples(result_.get()); }
  [[nodiscard]] bool is_null(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  /// Valid as long as this object.
  [[nodiscard]] std::string_view text(int row, int column) const;
  [[nodiscard]] std::int32_t int32(int row, int column) const;
  [[nodiscard]] std::int64_t int64(int row, int column) const;
  [[nodiscard]] Uuid uuid(int row, int column) const;
  [[nodiscard]] Timestamp time(int row, int column) const;
  [[nodiscard]] std::vector<std::string> texts(int row, int column) const;

 private:
  PgResultPtr result_;
};

}  // namespace promptsales::backend
