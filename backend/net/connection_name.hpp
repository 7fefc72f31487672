#pragma once

#include <string_view>

namespace promptsales::backend {

/// By which servers know the backend's connections: Postgres as application_name, Valkey and Redis in CLIENT LIST,
/// NATS in its list of clients. A former login is retired when no connection of this name uses it (commands/rotate.hpp).
/// Letters and hyphens, so that it can stand in SQL as it is.
inline constexpr std::string_view kConnectionName = "promptsales-backend";

}  // namespace promptsales::backend
