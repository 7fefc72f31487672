#pragma once

#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::bindings {

inline constexpr std::string_view kDatabaseName =
    "promptsales";  ///< database and role of an embedded Postgres
inline constexpr std::string_view kDatabaseUser = "promptsales";
inline constexpr std::string_view kCacheUser = "default";
inline constexpr std::string_view kMessagingUser = "promptsales";
inline constexpr int kDatabasePort = 5432;
inline constexpr int kCachePort = 6379;
inline constexpr int kMessagingPort = 4222;

/// The entry `provider` of services that the operator runs itself: their pods are the only ones that a
/// NetworkPolicy can name.
inline constexpr std::string_view kEmbedded = "embedded";

/// Whether the operator makes the login: for servers that it runs itself, and for those of providers that
/// want one given.
[[nodiscard]] bool has_login_of_ours(const Inputs& inputs, Component component);

/// The user of a login that the operator makes: unique in a server that others use too, whose roles belong to
/// somebody. At most 52 characters, which need no quotes in SQL.
[[nodiscard]] std::string login_name(const Inputs& inputs, Component component);

/// The Secret that such a login is kept in. A server of our own and one of others have one each: what is data's
/// only key is never overwritten.
[[nodiscard]] std::string login_secret(const Inputs& inputs, Component component);

/// A login that was kept, as it is used for this server: a password may be anybody's, a name is not.
[[nodiscard]] Credentials login_from(Credentials kept, const Inputs& inputs, Component component);

/// Whether the entries of a binding hold a login that the operator made for the provider that is asked for now.
/// Those that somebody else gave are not ours to set up a server with.
[[nodiscard]] bool holds_login_of_ours(const Entries& binding, const Inputs& inputs, Component component);

/// Connection to the embedded Postgres. REQUIRES inputs.database
[[nodiscard]] Entries embedded_database(const Inputs& inputs);

/// Connection to the embedded Valkey. REQUIRES inputs.cache
[[nodiscard]] Entries embedded_cache(const Inputs& inputs);

/// Connection to the embedded NATS. REQUIRES inputs.messaging
[[nodiscard]] Entries embedded_messaging(const Inputs& inputs);

}  // namespace promptsales::controllers::bindings
