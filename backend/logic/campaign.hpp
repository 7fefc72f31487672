#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/logic/timestamp.hpp"
#include "backend/logic/uuid.hpp"

namespace promptsales::backend {

/// An amount of money. `amount_minor` counts the currency's smallest unit (cents for USD, yen for JPY), so no
/// value is ever a fraction.
struct Money {
  std::int64_t amount_minor = 0;  ///< 0 or more
  std::string currency;           ///< ISO 4217 code, three capital letters
  friend bool operator==(const Money&, const Money&) = default;
};

/// What a client says when it creates a campaign; every field is checked (decode_new_campaign).
struct NewCampaign {
  std::string name;                   ///< 1 to 200 characters, no control characters
  std::vector<std::string> channels;  ///< at most 16, each [a-z][a-z0-9_]{0,31}, none twice
  std::optional<Money> budget;
  std::optional<Timestamp> starts_at;
  std::optional<Timestamp> ends_at;  ///< after starts_at if both are set
};

/// A campaign as stored. Its organization is not part of the value: a query always carries it beside.
struct Campaign {
  Uuid id;
  std::string name;
  std::string status;  ///< draft, in_review, approved, active, paused or closed
  std::vector<std::string> channels;
  std::optional<Money> budget;
  std::optional<Timestamp> starts_at;
  std::optional<Timestamp> ends_at;
  std::int32_t version = 1;  ///< counts changes; the ETag
  Timestamp created_at;
  Timestamp updated_at;
};

/// The campaign that a valid request makes: a draft, at version 1.
[[nodiscard]] Campaign make_campaign(NewCampaign from, Uuid id, Timestamp now);

/// The JSON that clients see, appended to `out`. Fields that are not set appear as null.
void append_json(std::string& out, const Campaign& campaign);

}  // namespace promptsales::backend
