#include "backend/bindings/entry.hpp"

#include <fstream>
#include <sstream>

namespace promptsales::backend {

std::optional<std::string> BindingDirectory::entry(std::string_view name) const {
  std::ifstream file{directory_ / name};
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  auto text = std::move(content).str();
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return std::nullopt;
  return text;
}

Result<void> BindingDirectory::require_type(std::string_view type) const {
  const auto found = entry("type");
  if (!found || *found == type) return {};
  return failure(
      Remedy::kShutDown, "InvalidBinding",
      name("type") + " must be \"" + std::string{type} + "\": another kind of service is mounted there");
}

std::string BindingDirectory::path_if_present(std::string_view name) const {
  const auto path = directory_ / name;
  return std::filesystem::exists(path) ? path.string() : std::string{};
}

}  // namespace promptsales::backend
