#include "operator/k8s/projection.hpp"

#include <algorithm>
#include <array>

#include "operator/k8s/cbor_reader.hpp"
#include "operator/k8s/projector.hpp"

namespace promptsales::k8s {
namespace {

Failure undecodable(const std::string& why) {
  return failure(Remedy::kReadAgain, "Undecodable", "the API server sent an object that is " + why);
}

std::optional<WatchEvent::Type> type_of(std::string_view name) {
  using enum WatchEvent::Type;
  constexpr std::array<std::pair<std::string_view, WatchEvent::Type>, 5> kTypes{{{"ADDED", kAdded},
                                                                                 {"MODIFIED", kModified},
                                                                                 {"DELETED", kDeleted},
                                                                                 {"BOOKMARK", kBookmark},
                                                                                 {"ERROR", kError}}};
  const auto found = std::ranges::find(kTypes, name, &std::pair<std::string_view, WatchEvent::Type>::first);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

bool is_decimal(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Object Projection::document() const { return cbor.empty() ? Object::object() : CborReader{cbor}.value(); }

Result<ProjectionPtr> project(std::string_view json, const Keep& keep) {
  Projector projector{keep, /*wrapped=*/false};
  if (!projector.parse(json)) return undecodable(projector.error);
  Projection projection = projector.take();
  if (projection.key.name.empty()) return undecodable("without metadata.name");
  return std::make_shared<const Projection>(std::move(projection));
}

Result<WatchEvent> decode_watch_event(std::string_view line, const Keep& keep) {
  Projector projector{keep, /*wrapped=*/true};
  if (!projector.parse(line)) return undecodable(projector.error);
  const auto type = type_of(projector.type);
  if (!type) return undecodable("of the unknown event type '" + projector.type.substr(0, 32) + "'");

  WatchEvent event{.type = *type, .initial_events_end = projector.initial_events_end};
  if (*type == WatchEvent::Type::kError) {
    event.error_code = static_cast<int>(projector.code);
    event.error_reason = projector.reason;
    event.error_message = projector.message;
    return event;
  }
  Projection projection = projector.take();
  if (*type != WatchEvent::Type::kBookmark && projection.key.name.empty())
    return undecodable("without metadata.name");
  event.object = std::make_shared<const Projection>(std::move(projection));
  return event;
}

bool newer(std::string_view a, std::string_view b) {
  if (!is_decimal(a) || !is_decimal(b)) return a != b;
  if (a.size() != b.size()) return a.size() > b.size();
  return a > b;
}

}  // namespace promptsales::k8s
