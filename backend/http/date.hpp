#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace promptsales::backend {

/// The Date field's value (IMF-fixdate, RFC 9110 section 5.6.7), formatted once a second.
///
/// Threads  one object per thread; `clock` must outlive it.
class HttpDate {
 public:
  explicit HttpDate(const Clock& clock) : clock_(clock) {}

  /// Valid until the next call.
  [[nodiscard]] std::string_view now();

 private:
  const Clock& clock_;
  std::chrono::sys_seconds at_{};
  std::string text_;
};

}  // namespace promptsales::backend
