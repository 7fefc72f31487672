#pragma once

#include <expected>

#include "base/error.hpp"

namespace promptsales {

/// A value, or why there is none. `Result<void>` for calls that only do something.
template <typename T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

/// Shorthand for the commonest return of a failing function.
[[nodiscard]] inline Failure failure(Remedy remedy, std::string reason, std::string message) {
  return Failure{Error{remedy, std::move(reason), std::move(message)}};
}

}  // namespace promptsales
