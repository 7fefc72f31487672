#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace promptsales::backend {

/// A mounted service binding: a directory of which each file is one entry.
///
/// Not  a watcher: files are read when asked for.
class BindingDirectory {
 public:
  explicit BindingDirectory(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// The file's content without a trailing line break; nothing if the file is not there or empty.
  [[nodiscard]] std::optional<std::string> entry(std::string_view name) const;
  /// Fails if the entry `type`, where there is one, names another kind of service.
  [[nodiscard]] Result<void> require_type(std::string_view type) const;
  /// The file's path if it is there and not empty, else "".
  [[nodiscard]] std::string path_if_filled(std::string_view name) const;
  /// Changes when the name or the content of any file does; "" if there is no such directory.
  [[nodiscard]] std::string digest() const;
  /// How to name the entry in a message.
  [[nodiscard]] std::string name(std::string_view entry) const { return (directory_ / entry).string(); }

 private:
  const std::filesystem::path directory_;
};

}  // namespace promptsales::backend
