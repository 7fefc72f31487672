#include "backend/logic/page_query.hpp"

#include <charconv>
#include <set>

#include "base/strings.hpp"

namespace promptsales::backend {
namespace {

constexpr int kMaxLimit = 100;

std::optional<int> parse_limit(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > kMaxLimit)
    return std::nullopt;
  return value;
}

}  // namespace

std::expected<PageQuery, FieldErrors> decode_page_query(std::string_view query, const Uuid& org,
                                                        const CursorKeys& keys) {
  PageQuery page;
  FieldErrors faults;
  std::set<std::string_view> seen;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    const auto value = equals == part.npos ? std::string_view{} : part.substr(equals + 1);
    if (!seen.insert(name).second) {
      faults.push_back({"?" + std::string{name}, "must be given once"});
    } else if (name == "limit") {
      const auto limit = parse_limit(value);
      if (limit)
        page.limit = *limit;
      else
        faults.push_back({"?limit", "must be a whole number from 1 to 100"});
    } else if (name == "cursor") {
      page.after = decode_cursor(value, org, keys);
      if (!page.after)
        faults.push_back(
            {"?cursor", "is not a cursor of this list; leave it out to start from the first page"});
    } else {
      faults.push_back({"?" + std::string{name}, "is not a known parameter"});
    }
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return page;
}

}  // namespace promptsales::backend
