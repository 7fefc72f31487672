#pragma once

#include <expected>
#include <string_view>

#include "backend/json/field_error.hpp"
#include "backend/logic/campaign.hpp"

namespace promptsales::backend {

/// The body of POST /v1/campaigns as a checked value, or every fault in it with the path of its field.
///
/// Errors   text that is not JSON gives a single fault at "#".
/// Threads  pure; call from anywhere.
[[nodiscard]] std::expected<NewCampaign, FieldErrors> decode_new_campaign(std::string_view body);

}  // namespace promptsales::backend
