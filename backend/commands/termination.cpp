#include "backend/commands/termination.hpp"

#include <filesystem>
#include <fstream>

#include "base/strings.hpp"

namespace promptsales::backend {

void leave_message(const std::string& file, std::string_view sentence) {
  constexpr std::size_t kKept = 4096;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  std::ofstream{file, std::ios::trunc} << cut_text(sentence, kKept);
}

}  // namespace promptsales::backend
