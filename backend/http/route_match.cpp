#include "backend/http/route_match.hpp"

namespace promptsales::backend {

std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find('{');
  if (open == pattern.npos) return path == pattern ? std::optional{std::string_view{}} : std::nullopt;
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return std::nullopt;
  const auto taken = path.substr(before.size(), path.size() - before.size() - after.size());
  if (taken.find('/') != taken.npos) return std::nullopt;
  return taken;
}

}  // namespace promptsales::backend
