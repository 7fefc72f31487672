#pragma once

#include <chrono>
#include <thread>

namespace promptsales {

/// Asks until the claim holds, at most for `deadline`. Returns whether it did.
template <typename Claim>
[[nodiscard]] bool eventually(Claim claim, std::chrono::milliseconds deadline = std::chrono::seconds{20}) {
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
