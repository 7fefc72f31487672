#include "tests/integration/support/operator_process.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ranges>
#include <sstream>
#include <stdexcept>

#include "tests/integration/support/api_server.hpp"
#include "tests/support/repository.hpp"

extern char** environ;

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_with(const OperatorProcess::Environment& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text{*entry};
    if (!more.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(name + "=" + value);
  return all;
}

/// The answer to one GET, as it came; empty if nobody listens.
std::string talk(unsigned short port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n";
    (void)!::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char piece[4096];
    for (ssize_t n = 0; (n = read(fd, piece, sizeof piece)) > 0;)
      answer.append(piece, static_cast<std::size_t>(n));
  }
  close(fd);
  return answer;
}

}  // namespace

OperatorProcess::OperatorProcess(const std::vector<std::string>& arguments, const Environment& environment)
    : log_(memfd_create("operator-log", MFD_CLOEXEC)) {
  std::vector<std::string> command{operator_program(), "--listen", "127.0.0.1:0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto variables = environment_with(environment);
  const auto argv = pointers(command);
  const auto envp = pointers(variables);
  pid_ = fork();
  if (pid_ < 0 || log_ < 0) throw std::runtime_error("cannot start the operator");
  if (pid_ > 0) return;
  // Only calls that are safe between fork and exec.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log_, STDERR_FILENO);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

OperatorProcess::~OperatorProcess() {
  kill();
  if (::testing::Test::HasFailure()) std::fprintf(stderr, "log of the operator:\n%s", log().c_str());
  close(log_);
}

std::string OperatorProcess::log() const {
  std::string text;
  char piece[8192];
  for (ssize_t n = 0; (n = pread(log_, piece, sizeof piece, static_cast<off_t>(text.size()))) > 0;)
    text.append(piece, static_cast<std::size_t>(n));
  return text;
}

std::optional<unsigned short> OperatorProcess::port() const {
  if (port_) return port_;
  const std::string marker = "health and metrics on port ";
  const std::string text = log();
  const auto at = text.find(marker);
  if (at != std::string::npos)
    port_ = static_cast<unsigned short>(std::stoi(text.substr(at + marker.size())));
  return port_;
}

OperatorProcess::Answer OperatorProcess::get(const std::string& path) const {
  const auto where = port();
  if (!where || exit_code_) return {};
  const std::string answer = talk(*where, path);
  const auto body = answer.find("\r\n\r\n");
  const auto code = answer.find(' ');
  if (body == std::string::npos || code == std::string::npos) return {};
  return {std::stoi(answer.substr(code + 1)), answer.substr(body + 4)};
}

double OperatorProcess::metric(const std::string& name, const std::vector<std::string>& labels) const {
  double sum = 0;
  std::istringstream lines{get("/metrics").body};
  for (std::string line; std::getline(lines, line);) {
    const auto end = line.find_first_of("{ ");
    if (end == std::string::npos || line.substr(0, end) != name) continue;
    if (std::ranges::all_of(labels, [&](const auto& label) { return line.find(label) != std::string::npos; }))
      sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
  }
  return sum;
}

void OperatorProcess::signal(int number) {
  if (!exit_code_) ::kill(pid_, number);
}

void OperatorProcess::terminate() { signal(SIGTERM); }
void OperatorProcess::freeze() { signal(SIGSTOP); }
void OperatorProcess::thaw() { signal(SIGCONT); }

void OperatorProcess::kill() {
  signal(SIGKILL);
  (void)wait();
}

bool OperatorProcess::running() {
  if (exit_code_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

std::optional<int> OperatorProcess::wait() {
  if (!eventually([this] { return !running(); })) return std::nullopt;
  return exit_code_;
}

}  // namespace promptsales::testing
