#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.hpp"

namespace promptsales::runtime {

/// Tells what a file holds whenever that has changed, whoever replaces it and however: written in place,
/// another file renamed over it, or the `..data` link of a mounted ConfigMap swapped.
///
/// Costs    nothing at rest: it sleeps until the kernel says that something in the file's folder has changed.
/// Threads  one of its own, named "config", on which on_content is called.
/// Not      aware of a folder that is itself replaced: a volume's mount point never is.
class FileWatch {
 public:
  /// Nothing: the file cannot be read.
  using OnContent = std::function<void(const std::optional<std::string>& content)>;

  /// `known`: what is known of the file already, and is not told again.
  FileWatch(std::filesystem::path file, std::optional<std::string> known, OnContent on_content);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Tells of every change since what is known.
  /// Errors   the system gives no watch, or there is no such folder.
  [[nodiscard]] Result<void> start();
  void stop();

 private:
  void run(std::stop_token stop);
  void look();

  const std::filesystem::path file_;
  const OnContent on_content_;
  int inotify_ = -1;
  int wake_ = -1;  ///< ends the wait

  std::optional<std::string> told_;  ///< own thread only, after start()
  std::jthread thread_;              ///< last member: ends before what it uses
};

/// What a file holds; nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> content_of(const std::filesystem::path& file);

}  // namespace promptsales::runtime
