#include "backend/bindings/entry.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <map>
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

std::string BindingDirectory::path_if_filled(std::string_view name) const {
  return entry(name) ? (directory_ / name).string() : std::string{};
}

std::string BindingDirectory::digest() const {
  std::map<std::string, std::string> entries;
  std::error_code error;
  for (std::filesystem::directory_iterator at{directory_, error}, end; !error && at != end;
       at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with('.') || !at->is_regular_file(error)) continue;  // what a kubelet keeps beside them
    entries.emplace(name, entry(name).value_or(""));
  }
  if (entries.empty()) return "";
  std::string all;
  for (const auto& [name, value] : entries)
    all.append(name).append(1, '\0').append(std::to_string(value.size())).append(1, '\0').append(value);
  std::array<unsigned char, 32> digest{};
  EVP_Digest(all.data(), all.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return {digest.begin(), digest.end()};
}

}  // namespace promptsales::backend
