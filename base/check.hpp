#pragma once

namespace promptsales {

/// Prints the broken invariant with its place and ends the process: state that cannot happen must not be
/// acted on.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace promptsales

/// An invariant, checked in every build. For what the environment can cause return an Error instead.
#define PS_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::promptsales::check_failed(#condition, __FILE__, __LINE__))
