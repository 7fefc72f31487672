#pragma once

#include <functional>
#include <initializer_list>

#include "base/result.hpp"

namespace promptsales::controllers {

/// Runs steps in order and stops at the first that fails: each needs what those before it have done.
template <typename Pass>
[[nodiscard]] Result<void> run_steps(Pass& pass,
                                     std::initializer_list<std::function<Result<void>(Pass&)>> steps) {
  for (const auto& step : steps)
    if (auto done = step(pass); !done) return done;
  return {};
}

}  // namespace promptsales::controllers
