#include "tests/support/repository.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace promptsales::testing {

std::string repository_path(const std::string& path) {
  return std::string{PROMPTSALES_SOURCE_DIR} + "/" + path;
}

std::string read_repository_file(const std::string& path) {
  std::ifstream file{repository_path(path)};
  if (!file) throw std::runtime_error("cannot read " + path + " of the repository");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string operator_program() { return PROMPTSALES_OPERATOR; }

std::string backend_program() { return PROMPTSALES_BACKEND; }

}  // namespace promptsales::testing
