#pragma once

#include <chrono>
#include <thread>

namespace promptsales {

/// Asks until the claim holds, at most for `deadline`, which is long: it costs nothing where the claim comes, and other
/// work on the machine may take most of it. Returns whether it did.
template <typename Claim>
[[nodiscard]] bool eventually(Claim claim, std::chrono::milliseconds deadline = std::chrono::seconds{60}) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (!claim()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::yield();
    std::this_thread::sleep_for(
        std::chrono::milliseconds{5});  // the pause between two polls, not a wait for time
  }
  return true;
}

}  // namespace promptsales
