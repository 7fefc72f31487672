#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backend/bindings/service.hpp"

namespace promptsales::backend {

/// Keywords and values for PQconnectStartParams, in order; holds the password, so it is never logged.
using ConnectOptions = std::vector<std::pair<std::string, std::string>>;

/// How every connection of ours is made: UTF-8 and UTC, only to a server that takes writes, half-dead peers
/// found within about 25 s, and each statement stopped by the server after 2 s.
///
/// `addresses` are the resolved IPs of service.host, to be tried in turn, or none to let libpq resolve (which
/// blocks the thread).
[[nodiscard]] ConnectOptions connect_options(const DatabaseService& service,
                                             const std::vector<std::string>& addresses);

}  // namespace promptsales::backend
