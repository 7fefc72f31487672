#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace promptsales::testing {

/// Where a file of the repository is, by its path from the root.
inline std::string repository_path(const std::string& path) {
  return std::string{PROMPTSALES_SOURCE_DIR} + "/" + path;
}

/// What a file of the repository holds.
inline std::string read_repository_file(const std::string& path) {
  std::ifstream file{repository_path(path)};
  if (!file) throw std::runtime_error("cannot read " + path + " of the repository");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace promptsales::testing
