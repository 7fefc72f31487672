#include "backend/logic/new_campaign.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "backend/json/reader.hpp"

namespace promptsales::backend {
namespace {

constexpr std::size_t kMaxNameCharacters = 200;
constexpr std::size_t kMaxChannels = 16;
constexpr std::size_t kMaxChannelLength = 32;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Characters, not bytes: continuation bytes of UTF-8 do not count.
std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_channel(std::string_view text) {
  return !text.empty() && text.size() <= kMaxChannelLength && is_lower(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

std::string read_name(ObjectReader& in) {
  const auto name = in.string("name");
  if (!name) {
    if (!in.has("name")) in.fault("name", "is required");
    return {};
  }
  if (name->find_first_not_of(' ') == name->npos || characters(*name) > kMaxNameCharacters) {
    in.fault("name", "must have 1 to 200 characters that are not all blank");
  } else if (has_control(*name)) {
    in.fault("name", "must not contain control characters");
  }
  return std::string{*name};
}

std::vector<std::string> read_channels(ObjectReader& in) {
  auto channels = in.strings("channels").value_or(std::vector<std::string>{});
  if (channels.size() > kMaxChannels) in.fault("channels", "must have at most 16 entries");
  for (std::size_t i = 0; i < channels.size() && i < kMaxChannels; ++i) {
    if (!is_channel(channels[i]))
      in.fault("channels",
               "entry " + std::to_string(i) + " must be 1 to 32 of a-z, 0-9 and _, beginning with a letter");
  }
  if (std::set<std::string_view>(channels.begin(), channels.end()).size() != channels.size())
    in.fault("channels", "must not name a channel twice");
  return channels;
}

std::optional<Money> read_budget(ObjectReader& in, FieldErrors& faults) {
  const auto* member = in.object("budget");
  if (member == nullptr) return std::nullopt;
  ObjectReader budget{*member, in.pointer_to("budget"), faults};
  budget.only({"amount_minor", "currency"});
  const auto amount = budget.integer("amount_minor");
  const auto currency = budget.string("currency");
  if (!budget.has("amount_minor")) budget.fault("amount_minor", "is required");
  if (!budget.has("currency")) budget.fault("currency", "is required");
  if (amount && *amount < 0) budget.fault("amount_minor", "must be 0 or more");
  if (currency && (currency->size() != 3 || !std::ranges::all_of(*currency, is_upper)))
    budget.fault("currency", "must be an ISO 4217 code such as \"USD\"");
  return Money{amount.value_or(0), std::string{currency.value_or("")}};
}

std::optional<Timestamp> read_time(ObjectReader& in, std::string_view member) {
  const auto text = in.string(member);
  if (!text) return std::nullopt;
  const auto at = parse_timestamp(*text);
  if (!at) in.fault(member, "must be an RFC 3339 time with an offset, such as \"2026-03-01T09:30:00Z\"");
  return at;
}

}  // namespace

std::expected<NewCampaign, FieldErrors> decode_new_campaign(std::string_view body) {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  if (document.is_discarded()) return std::unexpected(FieldErrors{{"#", "must be valid JSON in UTF-8"}});

  FieldErrors faults;
  ObjectReader in{document, "#", faults};
  NewCampaign campaign;
  if (document.is_object()) {
    in.only({"name", "channels", "budget", "starts_at", "ends_at"});
    campaign.name = read_name(in);
    campaign.channels = read_channels(in);
    campaign.budget = read_budget(in, faults);
    campaign.starts_at = read_time(in, "starts_at");
    campaign.ends_at = read_time(in, "ends_at");
    if (campaign.starts_at && campaign.ends_at && *campaign.ends_at <= *campaign.starts_at)
      in.fault("ends_at", "must be after starts_at");
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return campaign;
}

}  // namespace promptsales::backend
