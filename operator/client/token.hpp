#pragma once

#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace promptsales::client {

/// The bearer token of a Config: constant, or a file that Kubernetes replaces about hourly.
///
/// Threads  any.
/// Source   the file is looked at again every 30 s (client-go: 60 s).
class Token {
 public:
  Token(std::string constant, std::filesystem::path file, const Clock& clock);

  /// The token to send now; empty if there is none. A file that cannot be read leaves the last good one.
  [[nodiscard]] std::string current();
  /// The server refused the token (401): read the file again at the next use.
  void refused();

 private:
  struct State {
    std::string token;
    Clock::Instant read_at{};
    bool read = false;
  };

  const std::filesystem::path file_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace promptsales::client
