#include "backend/logic/campaign.hpp"

#include "backend/json/writer.hpp"

namespace promptsales::backend {
namespace {

void write_time(JsonWriter& json, std::string_view key, const std::optional<Timestamp>& at) {
  json.key(key);
  if (at)
    json.string(to_string(*at));
  else
    json.null();
}

void write_budget(JsonWriter& json, const std::optional<Money>& budget) {
  json.key("budget");
  if (!budget) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("amount_minor").number(budget->amount_minor).key("currency").string(budget->currency);
  json.end_object();
}

}  // namespace

Campaign make_campaign(NewCampaign from, Uuid id, Timestamp now) {
  return Campaign{.id = id,
                  .name = std::move(from.name),
                  .status = "draft",
                  .channels = std::move(from.channels),
                  .budget = std::move(from.budget),
                  .starts_at = from.starts_at,
                  .ends_at = from.ends_at,
                  .version = 1,
                  .created_at = now,
                  .updated_at = now};
}

void append_json(std::string& out, const Campaign& campaign) {
  JsonWriter json{out};
  json.begin_object();
  json.key("id").string(to_string(campaign.id));
  json.key("name").string(campaign.name);
  json.key("status").string(campaign.status);
  json.key("channels").begin_array();
  for (const auto& channel : campaign.channels) json.string(channel);
  json.end_array();
  write_budget(json, campaign.budget);
  write_time(json, "starts_at", campaign.starts_at);
  write_time(json, "ends_at", campaign.ends_at);
  json.key("version").number(campaign.version);
  write_time(json, "created_at", campaign.created_at);
  write_time(json, "updated_at", campaign.updated_at);
  json.end_object();
}

}  // namespace promptsales::backend
