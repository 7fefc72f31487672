#include "tests/backend/support/process.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

const passwd* user_entry(const std::string& user) {
  return user.empty() || geteuid() != 0 ? nullptr : getpwnam(user.c_str());
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& each : strings) result.push_back(each.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void become(std::vector<std::string>& command, std::vector<std::string>& environment, int output,
                         const passwd* user) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  if (user != nullptr) prctl(PR_SET_PDEATHSIG, SIGKILL);  // setuid clears it
  execvpe(command.front().c_str(), pointers(command).data(), pointers(environment).data());
  _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, const Options& options) {
  char name[] = "/tmp/promptsales-test-output-XXXXXX";
  const int output = mkstemp(name);
  if (output < 0) throw std::runtime_error{"cannot create an output file"};
  output_ = name;
  std::vector<std::string> environment{"PATH=" + std::string{std::getenv("PATH")}, "LC_ALL=C.UTF-8"};
  for (const auto& [key, value] : options.environment) environment.push_back(key + "=" + value);
  const auto* user = user_entry(options.user);
  pid_ = fork();
  if (pid_ == 0) become(command, environment, output, user);
  close(output);
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    (void)wait();
  }
  std::filesystem::remove(output_);
}

void Process::signal(int number) const { kill(pid_, number); }

bool Process::running() {
  if (status_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

std::optional<int> Process::wait() {
  (void)eventually([this] { return !running(); }, std::chrono::seconds{60});
  return status_;
}

std::string Process::output() const {
  std::ostringstream text;
  text << std::ifstream{output_}.rdbuf();
  return std::move(text).str();
}

TemporaryDirectory::TemporaryDirectory(const std::string& user) {
  char name[] = "/tmp/promptsales-test-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error{"cannot create a temporary directory"};
  path_ = name;
  if (const auto* entry = user_entry(user))
    if (chown(name, entry->pw_uid, entry->pw_gid) != 0) throw std::runtime_error{"cannot chown"};
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace promptsales::backend
