#pragma once

#include <libpq-fe.h>

#include <span>

namespace promptsales::backend {

/// The type of a parameter, as Postgres numbers them (src/include/catalog/pg_type.dat).
namespace oid {
inline constexpr Oid kBytea = 17, kInt8 = 20, kInt4 = 23, kText = 25, kBpchar = 1042, kTimestamptz = 1184,
                     kTextArray = 1009, kUuid = 2950;
}

/// A statement that is prepared on a connection at its first use there. Constants with static lifetime: a
/// connection remembers them by address.
struct Statement {
  const char* name;  ///< unique; the name on the server
  const char* sql;
  std::span<const Oid> types;  ///< of $1, $2, ...
  /// Reads nothing but a snapshot and changes nothing: may share a transaction with others.
  bool read_only;
  /// Done twice is the same as done once: is sent again when its connection has ended without an answer.
  bool repeatable = read_only;
};

}  // namespace promptsales::backend
