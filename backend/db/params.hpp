#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/logic/timestamp.hpp"
#include "backend/logic/uuid.hpp"

namespace promptsales::backend {

/// The parameters of one statement, in order, in Postgres' binary format. Their types must be those of the
/// Statement; the server refuses the bytes otherwise.
class Params {
 public:
  static constexpr std::size_t kMax = 16;

  Params& uuid(const Uuid& value);
  Params& int32(std::int32_t value);
  Params& int64(std::int64_t value);
  Params& text(std::string_view value);  ///< also for char(n) and bytea
  Params& texts(const std::vector<std::string>& value);
  Params& time(Timestamp value);
  Params& null();

  /// What libpq takes. Pointers are valid as long as this object is neither changed nor moved.
  struct Arrays {
    std::array<const char*, kMax> values;
    std::array<int, kMax> lengths;
    std::array<int, kMax> formats;
  };
  [[nodiscard]] Arrays arrays() const;
  [[nodiscard]] int count() const { return static_cast<int>(count_); }

 private:
  Params& close(std::size_t begin);
  static constexpr std::size_t kNull = ~std::size_t{0};

  std::string bytes_;
  std::array<std::size_t, kMax> begins_{};  ///< kNull for a null
  std::array<std::size_t, kMax> lengths_{};
  std::size_t count_ = 0;
};

}  // namespace promptsales::backend
