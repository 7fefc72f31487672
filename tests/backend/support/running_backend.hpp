#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/backend/support/http_client.hpp"
#include "tests/backend/support/process.hpp"

namespace promptsales::backend {

/// The real program on free ports.
class RunningBackend {
 public:
  /// Waits until it listens; throws with its output if it ends instead.
  explicit RunningBackend(std::map<std::string, std::string> environment);

  [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] Process& process() { return process_; }

  /// The status of /readyz, 0 if there is no answer.
  [[nodiscard]] int readyz() const;
  [[nodiscard]] bool becomes_ready() const;
  /// The value of a line of /metrics, "" if there is no such line. `series` is the name with its labels.
  [[nodiscard]] std::string metric(const std::string& series) const;

 private:
  Process process_;
  std::uint16_t http_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace promptsales::backend
