#include "tests/backend/support/running_backend.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"
#include "tests/support/repository.hpp"

namespace promptsales::backend {
namespace {

Process::Options on_free_ports(std::map<std::string, std::string> environment) {
  environment.emplace("PROMPTSALES_HTTP_PORT", "0");
  environment.emplace("PROMPTSALES_ADMIN_PORT", "0");
  return {.environment = std::move(environment), .user = ""};
}

/// The log line that names the ports, null if it is not there yet.
nlohmann::json listening_line(const std::string& log) {
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("msg", "") == "listening") return json;
  }
  return nullptr;
}

}  // namespace

RunningBackend::RunningBackend(std::map<std::string, std::string> environment)
    : process_({testing::backend_program()}, on_free_ports(std::move(environment))) {
  nlohmann::json line;
  const bool listens = eventually(
      [&] { return !(line = listening_line(process_.output())).is_null() || !process_.running(); });
  if (!listens || line.is_null())
    throw std::runtime_error{"the backend does not listen: " + process_.output()};
  http_port_ = line["http_port"].get<std::uint16_t>();
  admin_port_ = line["admin_port"].get<std::uint16_t>();
}

int RunningBackend::readyz() const {
  const auto answer = http_get(admin_port_, "/readyz");
  return answer ? answer->status : 0;
}

std::string RunningBackend::metric(const std::string& series) const {
  const auto answer = http_get(admin_port_, "/metrics");
  if (!answer) return "";
  const auto at = answer->body.find("\n" + series + " ");
  if (at == std::string::npos) return "";
  const auto begin = at + series.size() + 2;
  return answer->body.substr(begin, answer->body.find('\n', begin) - begin);
}

bool RunningBackend::becomes_ready() const {
  return eventually([this] { return readyz() == 200; });
}

}  // namespace promptsales::backend
