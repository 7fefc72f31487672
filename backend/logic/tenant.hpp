#pragma once

#include "backend/logic/uuid.hpp"

namespace promptsales::backend {

/// The organization that every request belongs to as long as requests carry no token. Migration 0001 creates
/// it. Once OIDC is there the tenant comes from the claim `org_id`, and this constant is used by nothing.
inline constexpr Uuid kDefaultOrg{{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

}  // namespace promptsales::backend
