#pragma once

#include <map>
#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::bindings {

/// Entries of a binding Secret: file name below /bindings/<name>/ → content.
using Entries = std::map<std::string, std::string>;

inline constexpr std::string_view kDatabaseName =
    "promptsales";  ///< database and role of an embedded Postgres
inline constexpr std::string_view kDatabaseUser = "promptsales";
inline constexpr std::string_view kCacheUser = "default";
inline constexpr int kDatabasePort = 5432;
inline constexpr int kCachePort = 6379;

/// Connection to the embedded Postgres, with the fixed key set of type postgresql: the Service Binding
/// specification 1.1 and the names that Spring's and CloudNativePG's clients read.
///
/// REQUIRES inputs.database
[[nodiscard]] Entries embedded_database(const Inputs& inputs);

/// Connection to the embedded Valkey, with the fixed key set of type redis. REQUIRES inputs.cache
[[nodiscard]] Entries embedded_cache(const Inputs& inputs);

/// `data` of a Secret.
[[nodiscard]] Json secret_data(const Entries& entries);

}  // namespace promptsales::controllers::bindings
