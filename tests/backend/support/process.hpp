#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace promptsales::backend {

/// A child process that never outlives the test. Its output goes to a file.
class Process {
 public:
  struct Options {
    std::map<std::string, std::string> environment;  ///< beside PATH, which it inherits
    std::string user;                                ///< to run as, where the test runs as root
  };
  Process(std::vector<std::string> command, const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  [[nodiscard]] bool running();
  /// The exit status, 128 + signal if a signal ended it; nothing if it still runs after 30 s.
  [[nodiscard]] std::optional<int> wait();
  [[nodiscard]] std::string output() const;
  [[nodiscard]] pid_t id() const { return pid_; }

 private:
  std::filesystem::path output_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// A directory that goes away with the object. With a user, it belongs to that user.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& user = "");
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace promptsales::backend
