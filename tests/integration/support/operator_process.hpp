#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace promptsales::testing {

/// The real operator binary as a child process: what it was told, what it logs, what it serves.
///
/// Arguments and environment are added to `--listen 127.0.0.1:0` and to this process' own environment; a
/// later argument replaces an earlier one. Lifetime  killed with the object, and when the test program dies.
/// A failed test prints the log.
/// Threads   none of its own; not to be shared between threads.
class OperatorProcess {
 public:
  using Environment = std::map<std::string, std::string>;

  explicit OperatorProcess(const std::vector<std::string>& arguments, const Environment& environment = {});
  ~OperatorProcess();
  OperatorProcess(const OperatorProcess&) = delete;
  OperatorProcess& operator=(const OperatorProcess&) = delete;

  /// What it has written to standard error so far.
  [[nodiscard]] std::string log() const;

  struct Answer {
    int status = 0;  ///< 0: no answer
    std::string body;
  };
  /// From its admin server; no answer while it does not listen.
  [[nodiscard]] Answer get(const std::string& path) const;
  /// The sum of a metric's series whose labels contain all of `labels`, such as `code="409"`.
  [[nodiscard]] double metric(const std::string& name, const std::vector<std::string>& labels = {}) const;
  [[nodiscard]] bool ready() const { return get("/readyz").status == 200; }
  [[nodiscard]] bool leading() const { return metric("leader_election_master_status") == 1; }

  /// Asks it to end. wait() tells how it did.
  void terminate();
  /// Ends it without a chance to clean up.
  void kill();
  /// Stops it as a debugger would, and lets it go on: to others it looks dead while it is away.
  void freeze();
  void thaw();
  /// Its exit code, or 128 + the signal that ended it; nothing if it is still there after 20 s.
  [[nodiscard]] std::optional<int> wait();
  [[nodiscard]] bool running();

 private:
  [[nodiscard]] std::optional<unsigned short> port() const;
  void signal(int number);

  int log_ = -1;  ///< memory file that is its standard error
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  mutable std::optional<unsigned short> port_;
};

}  // namespace promptsales::testing
