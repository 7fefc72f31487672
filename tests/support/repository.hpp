#pragma once

#include <string>

namespace promptsales::testing {

/// Where a file of the repository is, by its path from the root.
[[nodiscard]] std::string repository_path(const std::string& path);

/// What a file of the repository holds. Throws if it cannot be read.
[[nodiscard]] std::string read_repository_file(const std::string& path);

/// The programs of this build, for tests that start them.
[[nodiscard]] std::string operator_program();
[[nodiscard]] std::string backend_program();

}  // namespace promptsales::testing
